"""What the handout of stage 6 shows in tables is what the reference does."""

from __future__ import annotations

import re

from tests.stages.memory_tracking.bench import REFERENCE, modules_of, part
from tests.stages.memory_tracking.test_models import HANDOUT

SHARES = ("used", "reservation", "internal", "external", "free")


def test_the_table_of_replays_is_what_the_reference_shows() -> None:
    with modules_of(REFERENCE) as modules:
        import pagedlab.replay as given

        contiguous, memory = modules["contiguous"], modules["fragmentation"]
        slots, longest = given.EXAMPLE_SLOTS, given.EXAMPLE_MODEL_LEN
        policy = given.Reservation

        def made(kind: str, reservation: object) -> object:
            return memory.ContiguousMemory(getattr(contiguous, kind)(slots), reservation, longest)

        memories = {
            "max, buddies": made("BuddyAllocator", policy.MAX),
            "power of two, buddies": made("BuddyAllocator", policy.POW2),
            "oracle, buddies": made("BuddyAllocator", policy.ORACLE),
            "oracle, first fit": made("FirstFitAllocator", policy.ORACLE),
            "paged, P = 2": memory.PagedMemory(slots // 2, 2),
        }
        for name, one in memories.items():
            seen = given.replay(given.example_trace(), one)
            numbers = [f"{100 * seen.share(what):.1f}" for what in SHARES]
            row = " | ".join([name, *numbers, f"{seen.mean_running:.1f}"])
            assert f"| {row} |" in HANDOUT.text, row
            assert one.use().free == one.num_slots


def test_the_events_that_a_tracker_hears_give_the_sums_of_the_table() -> None:
    rows = re.findall(
        r"^\| `(\w+\(.*?\))` \| (\d) \| (\d) \| (\d) \| (\d) \|", HANDOUT.text, re.MULTILINE
    )
    assert len(rows) == 7
    with modules_of(REFERENCE) as modules:
        tracker = modules["memory_tracking"].MemoryTracker(num_blocks=6, block_size=4)
        for call, *sums in rows:
            eval(f"tracker.{call}", {"tracker": tracker})
            usage = tracker.usage()
            shown = (usage.num_used_blocks, usage.num_shared_blocks)
            assert [str(one) for one in (*shown, usage.num_tokens, usage.num_wasted_slots)] == sums
        assert (tracker.percentile_usage(100), tracker.percentile_usage(25)) == (40, 20)
        assert tracker.percentile_usage(26) == 40
        assert round(tracker.mean_usage(), 9) == 0.35
        assert [leak.block_id for leak in tracker.leaks()] == [2]


def test_the_claims_of_the_reference_hold_and_those_of_the_starter_do_not() -> None:
    import tomllib

    from tests.stages.memory_tracking.bench import ROOT, seen_of

    claims = part("claims")
    growths = {"event": 1.0, "query": 1.0, "leaks": 1.0, "memory": 16.0}
    with modules_of(REFERENCE) as modules:
        for folder, wanted in (("reference", True), ("starter", False)):
            table = tomllib.loads((ROOT / folder / "design.toml").read_text("utf-8"))["stage6"]
            checked = claims.check_claims(table, lambda one: seen_of(modules, one), growths)
            assert len(checked) == 11
            assert [one.name for one in checked if one.holds is not wanted] == []


def test_a_claim_is_not_believed_where_nothing_can_be_observed() -> None:
    checked = part("claims").check_claims({"used_percent_paged": 97.1}, lambda one: [], {})
    assert not any(one.holds for one in checked)
