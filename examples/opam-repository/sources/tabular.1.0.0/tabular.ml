let rec widest = function
  | [], widths | widths, [] -> widths
  | a :: more, b :: others -> max a b :: widest (more, others)

let pad width cell = cell ^ String.make (width - Textwidth.of_utf8 cell) ' '

let render rows =
  let widths =
    List.fold_left
      (fun widths row -> widest (widths, List.map Textwidth.of_utf8 row))
      [] rows
  in
  let rec line widths row =
    match (widths, row) with
    | _, [] -> ""
    | _, [ last ] -> last ^ "\n"
    | width :: widths, cell :: row -> pad width cell ^ "  " ^ line widths row
    | [], _ :: _ -> assert false
  in
  String.concat "" (List.map (line widths) rows)
