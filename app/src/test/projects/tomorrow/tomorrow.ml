let later = Lwt.return ()
