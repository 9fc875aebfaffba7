(** The smallest thing with which tests can be written. *)

type t

val equal : string -> expected:string -> string -> t
(** [equal name ~expected actual] is a check called [name] that two texts are
    the same. *)

val run : string -> t list -> unit
(** [run suite checks] prints a line for each check and ends the program with
    status 1 if one failed. *)
