"""Stands in for stage 5 while a later stage is graded by itself: no later stage needs queueing."""
