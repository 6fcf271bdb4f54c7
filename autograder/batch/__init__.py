"""The instructor's side: a whole class from its deliveries to the gradebook."""
