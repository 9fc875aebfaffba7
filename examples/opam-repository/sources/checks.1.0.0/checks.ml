type t = { name : string; failure : string option }

let equal name ~expected actual =
  let failure =
    if expected = actual then None
    else Some (Printf.sprintf "expected %S, was %S" expected actual)
  in
  { name; failure }

let run suite checks =
  List.iter
    (fun check ->
      match check.failure with
      | None -> Printf.printf "ok    %s: %s\n" suite check.name
      | Some failure ->
          Printf.printf "FAIL  %s: %s: %s\n" suite check.name failure)
    checks;
  let failed = List.filter (fun check -> check.failure <> None) checks in
  Printf.printf "%d checks, %d failed\n" (List.length checks)
    (List.length failed);
  if failed <> [] then exit 1
