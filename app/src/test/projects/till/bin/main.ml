open Cmdliner

let rec lines channel =
  match input_line channel with
  | line -> line :: lines channel
  | exception End_of_file -> []

let sale line =
  match Till.parse line with
  | Ok sale -> Some sale
  | Error problem ->
      Logs.warn (fun log -> log "%s" problem);
      None

let run () =
  let sales = List.filter_map sale (lines stdin) in
  Fmt.pr "%d sold: %a@." (List.length sales) Till.pp_price (Till.total sales)

let setup style level =
  Fmt_tty.setup_std_outputs ?style_renderer:style ();
  Logs.set_level level;
  Logs.set_reporter (Logs_fmt.reporter ~app:Fmt.stderr ())

let main = Term.(const run $ (const setup $ const None $ Logs_cli.level ()))
let () = exit (Cmd.eval (Cmd.v (Cmd.info "till" ~doc:"Sums up sales.") main))
