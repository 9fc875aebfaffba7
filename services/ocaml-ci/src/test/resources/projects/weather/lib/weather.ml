type report = { station : string; degrees : float }

let src = Logs.Src.create "weather"

module Log = (val Logs.src_log src : Logs.LOG)

let parse line =
  match String.split_on_char ' ' line with
  | [ station; degrees ] -> (
      match float_of_string_opt degrees with
      | Some degrees -> Some { station; degrees }
      | None ->
          Log.warn (fun f -> f "%S is no temperature" degrees);
          None)
  | _ -> None

let mean = function
  | [] -> None
  | reports ->
      let sum = List.fold_left (fun acc r -> acc +. r.degrees) 0. reports in
      Some (sum /. float_of_int (List.length reports))

let pp ppf r = Fmt.pf ppf "%s: %.1f" r.station r.degrees
