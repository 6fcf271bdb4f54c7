"""The PagedLab grader."""
