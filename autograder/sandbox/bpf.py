"""Assembles a seccomp filter from rules: plain data in, the kernel's instructions out."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

AUDIT_ARCH = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
ALLOW = 0x7FFF0000
KILL_PROCESS = 0x80000000
ERRNO = 0x00050000

_LOAD, _AND, _EQUAL, _AT_LEAST, _ANY_BIT, _RETURN = 0x20, 0x54, 0x15, 0x35, 0x45, 0x06
_NUMBER_AT, _ARCH_AT, _ARGUMENTS_AT = 0, 4, 16
_X32_CALLS = 0x40000000


@dataclass(frozen=True)
class Check:
    """Matches on the low 32 bits of one argument: `argument & mask` compared with `value`."""

    argument: int
    relation: Literal["equal", "differ", "any_bit"]
    value: int
    mask: int


@dataclass(frozen=True)
class Rule:
    """Refuses a call with `error` where any of `checks` matches, or always if there is none."""

    error: int
    checks: tuple[Check, ...] = ()


def equal(argument: int, value: int, mask: int = 0xFFFFFFFF) -> Check:
    """Return a check that matches where the masked argument is `value`."""
    return Check(argument, "equal", value, mask)


def differ(argument: int, value: int, mask: int = 0xFFFFFFFF) -> Check:
    """Return a check that matches where the masked argument is not `value`."""
    return Check(argument, "differ", value, mask)


def any_bit(argument: int, bits: int) -> Check:
    """Return a check that matches where the argument has any of `bits`."""
    return Check(argument, "any_bit", bits, 0xFFFFFFFF)


def assemble(machine: str, rules: Sequence[tuple[int, Rule]]) -> bytes:
    """Return the filter: for each call number its rule, everything else allowed.

    A call made in another machine's convention (32-bit, x32) kills the process: its numbers mean
    other calls.
    """
    code = [
        _instruction(_LOAD, _ARCH_AT),
        _instruction(_EQUAL, AUDIT_ARCH[machine], 1, 0),
        _instruction(_RETURN, KILL_PROCESS),
        _instruction(_LOAD, _NUMBER_AT),
        _instruction(_AT_LEAST, _X32_CALLS, 0, 1),
        _instruction(_RETURN, KILL_PROCESS),
    ]
    for number, rule in rules:
        body = _body(rule)
        code += [_instruction(_EQUAL, number, 0, len(body)), *body]
    return b"".join([*code, _instruction(_RETURN, ALLOW)])


def _body(rule: Rule) -> list[bytes]:
    """Return what runs once the call number has matched; it always returns a verdict."""
    refuse = _instruction(_RETURN, ERRNO | rule.error)
    if not rule.checks:
        return [refuse]
    body: list[bytes] = []
    for check in rule.checks:
        body += [*_compare(check), refuse]
    return [*body, _instruction(_RETURN, ALLOW)]


def _compare(check: Check) -> list[bytes]:
    """Return instructions that fall through where `check` matches and skip one where not."""
    code = [_instruction(_LOAD, _ARGUMENTS_AT + 8 * check.argument)]
    if check.mask != 0xFFFFFFFF:
        code.append(_instruction(_AND, check.mask))
    if check.relation == "any_bit":
        return [*code, _instruction(_ANY_BIT, check.value, 0, 1)]
    matches = (0, 1) if check.relation == "equal" else (1, 0)
    return [*code, _instruction(_EQUAL, check.value, *matches)]


def _instruction(operation: int, operand: int, if_true: int = 0, if_false: int = 0) -> bytes:
    """Return one instruction; the jumps count the instructions to skip."""
    return struct.pack("<HBBI", operation, if_true, if_false, operand)
