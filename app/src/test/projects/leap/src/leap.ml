let is_leap year = year mod 4 = 0
