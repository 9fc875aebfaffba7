open Sexplib.Std

type posting = { account : string; amount : int } [@@deriving sexp]
type entry = { date : string; postings : posting list } [@@deriving sexp]

let total postings =
  List.fold_left (fun sum posting -> sum + posting.amount) 0 postings

let is_balanced entry = total entry.postings = 0

module Accounts = Map.Make (String)

let add accounts { account; amount } =
  Accounts.update account
    (fun held -> Some (Option.value held ~default:0 + amount))
    accounts

let balances entries =
  List.concat_map (fun entry -> entry.postings) entries
  |> List.fold_left add Accounts.empty
  |> Accounts.bindings

let pp_balance ppf (account, amount) =
  Fmt.pf ppf "%-10s %s%d.%02d" account
    (if amount < 0 then "-" else "")
    (abs amount / 100)
    (abs amount mod 100)
