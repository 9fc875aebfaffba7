(** Text in columns. *)

val render : string list list -> string
(** One line for each row, cells aligned to the left, two blanks between
    columns, none at the end of a line. *)
