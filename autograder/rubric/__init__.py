"""The rubric as data: stages, rules and points, read from `assignments/`."""
