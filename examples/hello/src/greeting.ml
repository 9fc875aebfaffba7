type t = { language : string; word : string }

let all =
  [
    { language = "Danish"; word = "Hej" };
    { language = "English"; word = "Hello" };
    { language = "French"; word = "Salut" };
    { language = "Greek"; word = "Γειά" };
    { language = "Japanese"; word = "やあ" };
    { language = "Spanish"; word = "Hola" };
  ]

let find language =
  let wanted = String.lowercase_ascii language in
  List.find_opt (fun t -> String.lowercase_ascii t.language = wanted) all

let say t name = Printf.sprintf "%s, %s!" t.word name
