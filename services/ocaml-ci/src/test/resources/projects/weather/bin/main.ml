open Cmdliner

let run lines =
  match Weather.mean (List.filter_map Weather.parse lines) with
  | None -> print_endline "no reports"
  | Some mean -> Printf.printf "%.1f\n" mean

let lines = Arg.(value & pos_all string [] & info [] ~docv:"REPORT")
let cmd = Cmd.v (Cmd.info "weather") Term.(const run $ lines)
let () = exit (Cmd.eval cmd)
