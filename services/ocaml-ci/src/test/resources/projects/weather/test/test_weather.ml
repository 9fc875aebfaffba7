let test_parse () =
  Alcotest.(check (option (float 0.01)))
    "degrees" (Some 12.5)
    (Option.map
       (fun r -> r.Weather.degrees)
       (Weather.parse "kew 12.5"))

let test_mean () =
  let report degrees = { Weather.station = "x"; degrees } in
  Alcotest.(check (option (float 0.01)))
    "mean" (Some 2.)
    (Weather.mean [ report 1.; report 3. ])

let () =
  Alcotest.run "weather"
    [
      ( "weather",
        [
          Alcotest.test_case "parse" `Quick test_parse;
          Alcotest.test_case "mean" `Quick test_mean;
        ] );
    ]
