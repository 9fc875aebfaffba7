(* ocaml describe.ml NAME VERSION: writes NAME.config, the variables by which
   packages ask opam what the installed compiler can do. Fails if the compiler
   is of another version. *)

(* Without the unix library, which a script would have to find first. *)
let library =
  let answer = Filename.temp_file "describe" ".txt" in
  let status = Sys.command ("ocamlc -where >" ^ Filename.quote answer) in
  let channel = open_in answer in
  let line = if status = 0 then input_line channel else "" in
  close_in channel;
  Sys.remove answer;
  if line = "" then failwith "ocamlc -where failed";
  line

let () =
  let name = Sys.argv.(1) and version = Sys.argv.(2) in
  if Sys.ocaml_version <> version then (
    Printf.eprintf "This is OCaml %s, and the package says %s.\n"
      Sys.ocaml_version version;
    exit 1);
  let has file = Sys.file_exists (Filename.concat library file) in
  let native = has "libasmrun.a" in
  let channel = open_out (name ^ ".config") in
  Printf.fprintf channel "opam-version: \"2.0\"\nvariables {\n";
  List.iter
    (fun (variable, value) ->
      Printf.fprintf channel "  %s: %s\n" variable value)
    [
      ("native", string_of_bool native);
      ("native-tools", string_of_bool native);
      ("native-dynlink", string_of_bool (has "dynlink.cmxa"));
      ("preinstalled", "true");
      ("compiler", Printf.sprintf "%S" version);
      ("stubsdir", Printf.sprintf "%S" (Filename.concat library "stublibs"));
    ];
  Printf.fprintf channel "}\n";
  close_out channel
