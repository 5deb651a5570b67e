"""What the commands do with each row by itself: one kind of work each."""
