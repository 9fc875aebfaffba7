let table name =
  Tabular.render
    (List.map
       (fun greeting ->
         [ greeting.Greeting.language; Greeting.say greeting name ])
       Greeting.all)
