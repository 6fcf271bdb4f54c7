"""The verbs of `python -m autograder`: one module each, with `main(argv) -> exit code`."""
