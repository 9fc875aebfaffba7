let entry text = Ledger.entry_of_sexp (Sexplib.Sexp.of_string text)

let wages =
  entry
    "((date 2020-01-31) (postings (((account bank) (amount 200050)) ((account work) (amount -200050)))))"

let rent =
  entry
    "((date 2020-02-01) (postings (((account home) (amount 90000)) ((account bank) (amount -90000)))))"

let lost =
  entry "((date 2020-02-02) (postings (((account bank) (amount -1)))))"

let reads_what_it_writes () =
  Alcotest.(check string)
    "the same"
    (Sexplib.Sexp.to_string (Ledger.sexp_of_entry wages))
    (Sexplib.Sexp.to_string
       (Ledger.sexp_of_entry (Ledger.entry_of_sexp (Ledger.sexp_of_entry wages))))

let balances () =
  Alcotest.(check bool) "balanced" true (Ledger.is_balanced wages);
  Alcotest.(check bool) "not balanced" false (Ledger.is_balanced lost);
  Alcotest.(check (list (pair string int)))
    "held"
    [ ("bank", 110050); ("home", 90000); ("work", -200050) ]
    (Ledger.balances [ wages; rent ])

let () =
  Alcotest.run "ledger"
    [
      ( "entries",
        [
          Alcotest.test_case "reads what it writes" `Quick reads_what_it_writes;
          Alcotest.test_case "balances" `Quick balances;
        ] );
    ]
