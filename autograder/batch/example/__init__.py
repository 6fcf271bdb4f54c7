"""A generated class: an instructor's first five minutes, and the load test."""
