open Cmdliner

let read channel =
  Sexplib.Sexp.input_sexps channel |> List.map Ledger.entry_of_sexp

let run () =
  let entries = read stdin in
  List.iter
    (fun entry ->
      if not (Ledger.is_balanced entry) then
        Logs.warn (fun log -> log "%s does not balance" entry.Ledger.date))
    entries;
  Fmt.pr "%a@." Fmt.(list ~sep:cut Ledger.pp_balance) (Ledger.balances entries)

let setup style level =
  Fmt_tty.setup_std_outputs ?style_renderer:style ();
  Logs.set_level level;
  Logs.set_reporter (Logs_fmt.reporter ~app:Fmt.stderr ())

let main = Term.(const run $ (const setup $ const None $ Logs_cli.level ()))

let () =
  exit (Cmd.eval (Cmd.v (Cmd.info "ledger" ~doc:"Sums up accounts.") main))
