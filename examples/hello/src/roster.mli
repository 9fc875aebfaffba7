(** Greetings as a table for people. *)

val table : string -> string
(** [table name] greets [name] in every language, one line each. *)
