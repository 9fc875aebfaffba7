(** Accounts, and what moves between them. *)

type posting = { account : string; amount : int } [@@deriving sexp]
(** A sum, in cents, that goes to an account, or leaves it if negative. *)

type entry = { date : string; postings : posting list } [@@deriving sexp]
(** What happens at once. *)

val is_balanced : entry -> bool
(** Nothing appears and nothing vanishes. *)

val balances : entry list -> (string * int) list
(** What each account holds after all entries, by name. *)

val pp_balance : (string * int) Fmt.t
(** An account and what it holds, in units with two decimals. *)
