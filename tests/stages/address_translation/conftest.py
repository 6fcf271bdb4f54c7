"""Lets this repository's tests import the tests of the rules, with their marks."""

from __future__ import annotations

import pytest


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "rule(id): the rule of stage.toml that a test decides")
