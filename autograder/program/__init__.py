"""Operation programs: what is run, what is seen, what is wrong with it, the shortest form."""
