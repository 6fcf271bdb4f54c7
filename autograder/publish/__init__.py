"""Publishes the grader: one zip for Gradescope and `otter run`, and public rules for otter's tools.

`otter` is otter-grader 7. It is imported by `grading_results` and `plugin` alone, which run in a
Python of their own (`.venv-otter`, or the container); nothing else here needs it.
"""
