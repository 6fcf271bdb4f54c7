"""A worker sees the harmless devices, and of the others those that it was promised."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable
from typing import Any

import pytest

from autograder.sandbox.isolation import Isolation

TERMINAL = "/dev/tty"
"""Everybody may open it, and a worker, which has no terminal, is told so: the device was there."""


def opened() -> int:
    """The error number of opening it for reading and writing; 0 if it can be."""
    try:
        os.close(os.open(TERMINAL, os.O_RDWR))
    except OSError as error:
        return error.errno or -1
    return 0


def no_such(name: str) -> Callable[[], Any]:
    return lambda: os.path.exists(name)


def test_a_device_is_there_if_it_was_promised(
    confine: Callable[..., Any], any_tier: Isolation
) -> None:
    assert confine(opened, any_tier, devices=(TERMINAL,)) == errno.ENXIO


def test_a_device_that_was_not_promised_cannot_be_opened(
    confine: Callable[..., Any], strong_tier: Isolation
) -> None:
    assert confine(opened, strong_tier) in (errno.ENOENT, errno.EACCES)


def test_a_device_that_this_machine_lacks_is_left_out(
    confine: Callable[..., Any], any_tier: Isolation
) -> None:
    name = "/dev/nvidia-none"
    assert confine(no_such(name), any_tier, devices=(name,)) is False


@pytest.mark.parametrize("path", ["/etc/passwd", "/dev/../etc/passwd", "dev/tty"])
def test_only_device_files_can_be_promised(
    confine: Callable[..., Any], any_tier: Isolation, path: str
) -> None:
    assert "no device" in confine(opened, any_tier, devices=(path,))["sandbox error"]
