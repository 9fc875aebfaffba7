(* Length in bytes and code point of the character at [i]; bytes that are not
   UTF-8 stand for themselves. *)
let decode text i =
  let byte k =
    if i + k < String.length text then Char.code text.[i + k] else 0
  in
  let continues k = byte k land 0xC0 = 0x80 in
  let low k = byte k land 0x3F in
  let first = byte 0 in
  if first land 0xE0 = 0xC0 && continues 1 then
    (2, ((first land 0x1F) lsl 6) lor low 1)
  else if first land 0xF0 = 0xE0 && continues 1 && continues 2 then
    (3, ((first land 0x0F) lsl 12) lor (low 1 lsl 6) lor low 2)
  else if first land 0xF8 = 0xF0 && continues 1 && continues 2 && continues 3
  then
    ( 4,
      ((first land 0x07) lsl 18) lor (low 1 lsl 12) lor (low 2 lsl 6) lor low 3
    )
  else (1, first)

let columns code =
  let within (low, high) = low <= code && code <= high in
  if within (0x300, 0x36F) then 0
  else if
    List.exists within
      [
        (0x1100, 0x115F);
        (0x2E80, 0xA4CF);
        (0xAC00, 0xD7A3);
        (0xF900, 0xFAFF);
        (0xFE30, 0xFE6F);
        (0xFF00, 0xFF60);
        (0x1F300, 0x1FAFF);
        (0x20000, 0x3FFFD);
      ]
  then 2
  else 1

let of_utf8 text =
  let rec go i total =
    if i >= String.length text then total
    else
      let length, code = decode text i in
      go (i + length) (total + columns code)
  in
  go 0 0
