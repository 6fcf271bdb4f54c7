"""Group F and performance, public: batches of a server's size, whose kernels run as C."""

from __future__ import annotations

from stage4.large import SMALLER, Ran, run, wrong
from stage4.operations import as_c

from autograder.judge.faults import RequestFailed
from autograder.judge.rules import Judge, RuleFailed, rule
from autograder.paged_batch.served import SERVED, busiest_share, mixed
from autograder.paged_batch.spec import BatchSpec
from autograder.scoring.outcome import Status
from kernel_lanes.record import BadRecord


def attended(judge: Judge, spec: BatchSpec) -> Ran:
    """A batch's run, if it is right."""
    try:
        ran = run(judge.session, spec)
    except BadRecord as bad:
        judge.fail((as_c(spec),), 0, "I6", "a record of the run", str(bad))
    except RequestFailed as failed:
        if failed.error == "NotImplementedError":
            raise
        judge.fail((as_c(spec),), 0, "I6", "no error", f"raises {failed}")
    finding = None if ran.untranslated else wrong(spec, ran)
    if finding:
        broken = finding.violation
        judge.fail((as_c(spec),), 0, broken.invariant or "I6", broken.expected, broken.observed)
    return ran


def smaller(judge: Judge, why: str) -> None:
    """Decide by what the interpreter can do, for want of a translation: nobody's fault."""
    judge.note(f"not run as C, but on smaller batches in the interpreter: {why}")
    for op in SMALLER:
        try:
            judge.check(op)
        except RuleFailed as failed:
            if failed.status is not Status.TIMEOUT:
                raise
            judge.cannot(f"no translation to C ({why}), and the interpreter takes too long")


def amount(judge: Judge) -> None:
    """Measure the rule's case, and say what was counted, whatever it earns."""
    spec = SERVED[judge.rule.case]
    ran = attended(judge, spec)
    if ran.untranslated:
        judge.cannot(f"the kernels have no translation to C: {ran.untranslated}")
    judge.measured = {"amount": busiest_share(spec, ran.record), "least": 1.0}
    judge.note(f"{judge.measured['amount']:,g} {judge.rule.unit}")


@rule("4.24")
def test_batches_of_a_servers_size_come_out_right(judge: Judge) -> None:
    for spec in (*SERVED.values(), mixed(0), mixed(judge.new_seed())):
        ran = attended(judge, spec)
        if ran.untranslated:
            smaller(judge, ran.untranslated)
            return


@rule("4.P7")
def test_many_long_decodes_give_every_multiprocessor_an_even_share(judge: Judge) -> None:
    amount(judge)


@rule("4.P8")
def test_one_very_long_decode_gives_every_multiprocessor_an_even_share(judge: Judge) -> None:
    amount(judge)


@rule("4.P9")
def test_a_chunk_of_a_long_prompt_gives_every_multiprocessor_an_even_share(judge: Judge) -> None:
    amount(judge)
