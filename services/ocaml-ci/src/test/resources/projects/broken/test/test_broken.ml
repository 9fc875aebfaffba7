let () =
  let said = Broken.shout "quiet" in
  if said <> "LOUD" then (
    Printf.printf "expected LOUD, was %s\n" said;
    exit 1)
