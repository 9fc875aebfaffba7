let () =
  let sales = List.map Till.parse [ "tea 250"; "cake 395" ] in
  assert (List.for_all Result.is_ok sales);
  assert (Till.total (List.filter_map Result.to_option sales) = 645);
  assert (Till.parse "tea" = Error "\"tea\" is no sale");
  assert (Fmt.to_to_string Till.pp_price 1205 = "12.05")
