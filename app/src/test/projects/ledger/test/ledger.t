Sums are shown by account:

  $ echo '((date d) (postings (((account bank) (amount 1250)) ((account work) (amount -1250)))))' | ledger
  bank       12.50
  work       -12.50

What does not balance is told:

  $ echo '((date d) (postings (((account bank) (amount -5)))))' | ledger 2>&1
  ledger: [WARNING] d does not balance
  bank       -0.05
