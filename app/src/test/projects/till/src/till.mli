(** What was sold, and for how much. *)

type sale = { item : string; price : int }
(** A thing and its price in cents. *)

val parse : string -> (sale, string) result
(** From a line such as ["tea 250"]. *)

val total : sale list -> int
(** The sum of all prices. *)

val pp_price : int Fmt.t
(** Cents as units with two decimals. *)
