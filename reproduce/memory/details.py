"""The tables behind the claims: each a pure function of runs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from reproduce.claim import PERCENT, TENTHS, Figure
from reproduce.memory.experiment import Run
from reproduce.memory.kinds import CONTIGUOUS, MAX, ORACLE, PAGED, PAGED_FULL, POW2
from reproduce.tables import table

TITLES = {memory.key: memory.title for memory in (*CONTIGUOUS, PAGED, PAGED_FULL)}
PAPER = {MAX.key: 0.204, POW2.key: 0.268, ORACLE.key: 0.382, PAGED.key: 0.963}
"""Share of the memory in use in Kwon et al., SOSP 2023, Fig. 2."""
USES = {
    "used": "tokens",
    "reservation": "tokens to come",
    "internal": "never filled",
    "external": "holes too small",
    "free": "free",
}


def paper(runs: Sequence[Run]) -> Iterator[str]:
    """Compare one workload with the paper's figures."""
    used = {run.memory: Figure.of([one.used for one in run.served]) for run in runs}
    rows = [
        [TITLES[key], TENTHS.show(published), TENTHS.show(used[key].mean), _range(used[key])]
        for key, published in PAPER.items()
    ]
    yield from table(["memory", "paper", "here", "over the seeds"], rows)


def _range(figure: Figure) -> str:
    return f"{TENTHS.rounded(figure.least)} to {TENTHS.show(figure.most)}"


def uses(runs: Sequence[Run]) -> Iterator[str]:
    """Show what all slots are doing, how many requests run, and how often one is preempted."""
    rows = []
    for run in runs:
        shares = [PERCENT.show(_mean(run, name)) for name in USES]
        preempted = sum(one.preemptions for one in run.served) / _requests(run)
        tail = [f"{_mean(run, 'running'):.1f}", f"{1000 * preempted:.0f}"]
        rows.append([run.workload, TITLES[run.memory], *shares, *tail])
    heads = ["workload", "memory", *USES.values(), "running", "preemptions in 1,000 requests"]
    yield from table(heads, rows)
    refused = {run.workload: run.refused / (run.refused + _requests(run)) for run in runs}
    shares = [f"{title} {PERCENT.show(share)}" for title, share in refused.items()]
    yield from ("", f"Prompts too long for the model, and refused: {', '.join(shares)}.")


def lengths(runs: Sequence[Run]) -> Iterator[str]:
    """Show what changes with the longest sequence that the model takes."""
    groups: dict[int, dict[str, Run]] = {}
    for run in runs:
        groups.setdefault(run.max_model_len, {})[run.memory] = run
    rows = [
        [
            str(longest),
            *(PERCENT.show(_mean(group[each.key], "used")) for each in (MAX, ORACLE, PAGED)),
            *(_times(group, each.key) for each in (MAX, ORACLE)),
        ]
        for longest, group in groups.items()
    ]
    heads = ["in use: room for it", "true length", "paged", "paged runs: × room for it"]
    yield from table(["longest sequence", *heads, "× true length"], rows)


def _times(group: Mapping[str, Run], memory: str) -> str:
    return f"{_mean(group[PAGED.key], 'running') / _mean(group[memory], 'running'):.2f}×"


def blocks(runs: Sequence[Run]) -> Iterator[str]:
    """Show what changes with the size of a block."""
    base = _mean(runs[0], "throughput")
    rows = [
        [
            run.memory.removeprefix("paged_"),
            TENTHS.show(_mean(run, "used")),
            f"{_mean(run, 'running'):.1f}",
            f"{_mean(run, 'throughput') / base:.2f}×",
        ]
        for run in runs
    ]
    yield from table(["tokens in a block", "in use", "running", "requests a second"], rows)


def real(runs: Sequence[Run], generated: Sequence[Run]) -> Iterator[str]:
    """Compare real traces with the generated ones that stand for them."""
    made = {(run.workload, run.memory): run for run in generated}
    rows = []
    for run in runs:
        pair = (run, made[run.workload, run.memory])
        cells = [TENTHS.show(_mean(each, "used")) for each in pair]
        cells += [f"{_mean(each, 'running'):.2f}" for each in pair]
        rows.append([run.workload, TITLES[run.memory], *cells])
    heads = ["in use, real", "generated", "running, real", "generated"]
    yield from table(["workload", "memory", *heads], rows)
    yield from ("", "Real: stretches at the beginning, middle and end of the trace.")


def _requests(run: Run) -> int:
    return sum(one.requests for one in run.served)


def _mean(run: Run, name: str) -> float:
    return Figure.of([getattr(one, name) for one in run.served]).mean
