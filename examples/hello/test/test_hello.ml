open Hello

let greet language name =
  match Greeting.find language with
  | Some greeting -> Greeting.say greeting name
  | None -> "(none)"

let () =
  Checks.run "hello"
    [
      Checks.equal "greets by name" ~expected:"Hello, Ada!"
        (greet "English" "Ada");
      Checks.equal "finds a language whatever its capitals"
        ~expected:"Hola, Ada!" (greet "sPANISH" "Ada");
      Checks.equal "knows what it does not know" ~expected:"(none)"
        (greet "Klingon" "Ada");
      Checks.equal "the table has a line for each language"
        ~expected:(string_of_int (List.length Greeting.all))
        (string_of_int
           (List.length
              (List.filter
                 (fun line -> line <> "")
                 (String.split_on_char '\n' (Roster.table "Ada")))));
    ]
