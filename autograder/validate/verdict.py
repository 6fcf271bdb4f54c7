"""Hold what the grader said of a variant against what is known of it. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction

from autograder.scoring.outcome import Status
from autograder.validate.variant import Kind, Variant


@dataclass(frozen=True)
class Graded:
    """What one rule gave. `lost` is the part of its points that was not earned.

    `lane` says how it was seen, where a stage has several ways to look at a submission; `flag` what
    a person is asked to look at.
    """

    status: Status
    lost: Fraction
    summary: str = ""
    lane: str = ""
    flag: str = ""


def mistakes(variant: Variant, graded: Mapping[str, Graded]) -> list[str]:
    """What the grader got wrong about a variant, one line each; empty if nothing."""
    lost = {rule for rule, one in graded.items() if one.lost > 0}
    found = [
        f"{variant.kind} {variant.id}: rule {rule}: grader fault: {one.summary}"
        for rule, one in graded.items()
        if one.status is Status.ERROR
    ]
    found += [
        f"wheat {variant.id}: rule {rule}: {one.flag}"
        for rule, one in graded.items()
        if variant.kind is Kind.WHEAT and one.flag
    ]
    absent = {rule for rule, one in graded.items() if one.status is Status.SKIPPED}
    for rule in sorted(variant.lost - lost - absent):
        found.append(f"{variant.kind} {variant.id}: rule {rule} passes, and must not")
    if variant.lost_one_of - absent and not variant.lost_one_of & lost:
        found.append(f"{variant.kind} {variant.id}: no rule of its own group is lost")
    for rule in sorted(lost - variant.lost - variant.may_lose):
        summary = graded[rule].summary
        found.append(
            f"{variant.kind} {variant.id}: rule {rule} is lost, and must not be: {summary}"
        )
    return found


def caught_by(variant: Variant, graded: Mapping[str, Graded]) -> list[str]:
    """The rules that a variant lost, in the order in which they were graded."""
    return [rule for rule, one in graded.items() if one.lost > 0]


def by_lane(graded: Mapping[str, Graded]) -> dict[str, list[str]]:
    """The rules that were lost, by lane, both in the order in which they were graded.

    What waits for another rule was seen by none.
    """
    lanes: dict[str, list[str]] = {}
    for rule, one in graded.items():
        if one.lost > 0:
            lanes.setdefault(one.lane, []).append(rule)
    return lanes


def blind(
    rules: Iterable[str], results: Iterable[tuple[Variant, Mapping[str, Graded]]]
) -> list[str]:
    """Those of the rules that no chaff lost: nothing shows that they can fail."""
    lost = {
        rule
        for variant, graded in results
        if variant.kind is Kind.CHAFF
        for rule in caught_by(variant, graded)
    }
    return sorted(set(rules) - lost)
