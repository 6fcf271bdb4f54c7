"""The grader that whole submissions are graded with."""

from tests.selftest.conftest import course, grader, isolation, scratch

__all__ = ["course", "grader", "isolation", "scratch"]
