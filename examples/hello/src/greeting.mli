(** One greeting in one language. *)

type t = { language : string; word : string }

val all : t list
(** Every greeting there is, in the order of the languages' names. *)

val find : string -> t option
(** The greeting in the language of that name, whatever its capitals. *)

val say : t -> string -> string
(** [say greeting name] greets [name]. *)
