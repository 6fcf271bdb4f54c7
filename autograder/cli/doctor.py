"""`doctor`: say in plain words what this machine can grade."""

from __future__ import annotations

from autograder.doctor.command import main

__all__ = ["main"]
