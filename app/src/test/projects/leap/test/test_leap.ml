let () =
  assert (Leap.is_leap 2024);
  if Leap.is_leap 1900 then (
    prerr_endline "1900: expected no leap year";
    exit 1)
