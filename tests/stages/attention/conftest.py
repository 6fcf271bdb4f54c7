"""What the tests of stage 4 share: the mark of a rule, and warm parents, one set a file."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from autograder.judge.parents import Parents
from tests.stages.attention.bench import new_parents


def pytest_configure(config: pytest.Config) -> None:
    """Know the mark that the rules' tests carry, which are imported here."""
    config.addinivalue_line("markers", "rule(id): the rule of stage.toml that a test decides")


@pytest.fixture(scope="module")
def parents() -> Iterator[Parents]:
    """Each loads torch and Triton."""
    with new_parents() as made:
        yield made
