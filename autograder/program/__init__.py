"""Operation programs: what is run, what is observed, what is wrong with it, and the shortest form."""
