"""Group G, public: the kernel does the work, and misuse is refused."""

from __future__ import annotations

from dataclasses import replace

from stage4.machine import ASK, BUDGET, PRELOAD, first_error, launched, read_facts
from stage4.operations import attend, decode, misfit, ragged, unlaunched, write
from stage4.sources import forbidden_uses

from autograder.judge.faults import WorkerEnded
from autograder.judge.rules import Judge, rule
from autograder.paged_batch.costs import CASES
from autograder.paged_batch.misfits import MISFITS
from autograder.paged_batch.spec import WriteSpec
from kernel_lanes.record import BadRecord


@rule("4.20")
def test_triton_kernels_do_the_work(judge: Judge) -> None:
    batch = ragged((18, 3), (5, 1), num_kv_heads=2, layout="hnd", query_room=1, seed=1)
    written = WriteSpec((3, 8))
    for name in ("attention.py", "kv_cache_write.py"):
        for use in forbidden_uses(judge.session.staged.package / name):
            judge.fail((attend(batch),), 0, "I11", "torch and triton, by their own names", use)
    judge.check(attend(batch))
    judge.check(attend(replace(batch, seed=2)))  # of the same shapes: nothing is remembered
    judge.check(unlaunched(batch))
    judge.check(unlaunched(decode(600, columns=64)))
    judge.check(write(written))
    judge.check(unlaunched(written))


@rule("4.23")
def test_the_kernels_compile_for_two_gpus(judge: Judge) -> None:
    call = (attend(ragged((8192, 1), seed=1)),)
    try:
        reply = judge.session.ask_aside(PRELOAD, ASK, BUDGET)
        error, compiled = first_error(read_facts(reply)), launched(reply)
    except BadRecord as bad:
        error, compiled = str(bad), {}
    except WorkerEnded as ended:
        slow = "the compiler is not done: a tile too large, or a loop unrolled too often? "
        error, compiled = slow * (ended.kind == "timeout") + str(ended), {}
    if error:
        judge.fail(call, 0, "I16", "every kernel compiles for sm_80 and sm_90", error)
    for case, kernels in compiled.items():
        seen = judge.check(attend(CASES[case]))
        run = seen[0].state["launches"]
        if run != kernels:
            told = f"run: {run}; compiled: {kernels}"[:500]
            judge.fail((attend(CASES[case]),), 0, "I16", "what is run is what is compiled", told)


@rule("4.21")
def test_a_call_that_does_not_fit_raises_and_changes_nothing(judge: Judge) -> None:
    for module, kinds in MISFITS.items():
        for wrong in kinds:
            judge.check(misfit(module, wrong))
