"""Otter wants a test file. The plugin replaces its result."""

OK_FORMAT = False
name = "pagedlab"
points = 0
