"""Code quality and documentation of a submission, judged from the grader's own configuration."""
