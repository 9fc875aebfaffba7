let () =
  match Sys.argv with
  | [| _ |] -> print_string (Hello.Roster.table "world")
  | [| _; name |] -> print_string (Hello.Roster.table name)
  | [| _; name; language |] -> (
      match Hello.Greeting.find language with
      | Some greeting -> print_endline (Hello.Greeting.say greeting name)
      | None ->
          prerr_endline ("hello: no greeting in \"" ^ language ^ "\"");
          exit 1)
  | _ ->
      prerr_endline "usage: hello [NAME [LANGUAGE]]";
      exit 2
