let shout text = Astring.String.Ascii.uppercase text
