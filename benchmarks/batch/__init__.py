"""The batch, otter-grader and nbgrader at the same toy assignment."""
