"""Grades in the forms that gradebooks read."""
