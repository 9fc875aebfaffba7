(** Weather reports. *)

type report = { station : string; degrees : float }
(** What a station reported. *)

val parse : string -> report option
(** [parse line] reads ["station degrees"]. *)

val mean : report list -> float option
(** [mean reports] is the mean temperature; [None] without reports. *)

val pp : report Fmt.t
(** [pp] prints a report. *)
