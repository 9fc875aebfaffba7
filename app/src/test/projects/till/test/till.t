What was sold is summed up:

  $ printf 'tea 250\ncake 395\n' | till
  2 sold: 6.45

What is no sale is told:

  $ printf 'tea\ncake 395\n' | till 2>&1
  till: [WARNING] "tea" is no sale
  1 sold: 3.95
