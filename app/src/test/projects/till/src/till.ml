type sale = { item : string; price : int }

let parse line =
  match String.split_on_char ' ' line with
  | [ item; price ] -> (
      match int_of_string_opt price with
      | Some price -> Ok { item; price }
      | None -> Error (Fmt.str "%S is no price" price))
  | _ -> Error (Fmt.str "%S is no sale" line)

let total = List.fold_left (fun sum sale -> sum + sale.price) 0
let pp_price ppf cents = Fmt.pf ppf "%d.%02d" (cents / 100) (cents mod 100)
