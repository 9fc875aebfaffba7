(** How many columns a text takes on a terminal. *)

val of_utf8 : string -> int
(** Columns of a UTF-8 text: two for the wide characters of East Asia, none for
    combining marks, one for any other. Bytes that are not UTF-8 count one. *)
