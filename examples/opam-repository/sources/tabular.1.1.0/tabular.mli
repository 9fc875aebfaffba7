(** Text in columns. *)

type side = Left | Right

val render : ?align:side list -> string list list -> string
(** One line for each row, two blanks between columns, none at the end of a
    line. [align] tells on which side each column's cells begin; columns it does
    not mention are aligned to the left. *)
