type side = Left | Right

let rec widest = function
  | [], widths | widths, [] -> widths
  | a :: more, b :: others -> max a b :: widest (more, others)

let pad side width cell =
  let blanks = String.make (width - Textwidth.of_utf8 cell) ' ' in
  match side with Left -> cell ^ blanks | Right -> blanks ^ cell

let next = function [] -> (Left, []) | side :: align -> (side, align)

let render ?(align = []) rows =
  let widths =
    List.fold_left
      (fun widths row -> widest (widths, List.map Textwidth.of_utf8 row))
      [] rows
  in
  let rec line align widths row =
    let side, align = next align in
    match (widths, row) with
    | _, [] -> ""
    | width :: _, [ last ] ->
        (if side = Right then pad side width last else last) ^ "\n"
    | width :: widths, cell :: row ->
        pad side width cell ^ "  " ^ line align widths row
    | [], _ :: _ -> assert false
  in
  String.concat "" (List.map (line align widths) rows)
