"""Performance: how well requests are served on the virtual clock, as the judge plays it again."""

from __future__ import annotations

from stage5.jobs import Server
from stage5.replay import Replay, percentile, play

from autograder.judge.costs import Ask
from autograder.judge.rules import Judge, rule

SERVER = Server(blocks=400, tokens=128, seqs=16)
AGENTS = Server(blocks=400, tokens=128, seqs=16, caching=True)
TIGHT = Server(blocks=50, tokens=128, seqs=16, watermark=3)
FIRST_SECONDS, NEXT_SECONDS = 0.5, 0.06
"""The objectives: until the first token, and for each further one."""


def _first_token(ask: Ask, server: Server, trace: str, pace: float) -> float:
    jobs = play(ask, server, trace, pace).jobs.values()
    return percentile([job.first_token for job in jobs], 0.95)


@rule("5.P1")
def test_steady_chat_meets_its_objectives(judge: Judge) -> None:
    def missed(ask: Ask) -> float:
        jobs = play(ask, SERVER, "steady", 0.5).jobs.values()
        late = [
            job for job in jobs if job.first_token > FIRST_SECONDS or job.per_token > NEXT_SECONDS
        ]
        return 100 * len(late) / len(jobs)

    judge.converse(missed)


@rule("5.P2")
def test_bursts_of_code_get_their_first_token_soon(judge: Judge) -> None:
    judge.converse(lambda ask: _first_token(ask, SERVER, "bursty", 1.2))


@rule("5.P3")
def test_bursts_of_code_get_their_further_tokens_soon(judge: Judge) -> None:
    def per_token(ask: Ask) -> float:
        jobs = play(ask, SERVER, "bursty", 1.2).jobs.values()
        return percentile([job.per_token for job in jobs if job.output > 1], 0.95)

    judge.converse(per_token)


@rule("5.P4")
def test_agents_with_shared_prefixes_get_their_first_token_soon(judge: Judge) -> None:
    judge.converse(lambda ask: _first_token(ask, AGENTS, "agents", 1.0))


@rule("5.P5")
def test_stragglers_in_long_context_hold_nobody_up(judge: Judge) -> None:
    judge.converse(lambda ask: _first_token(ask, SERVER, "stragglers", 1.0))


@rule("5.P6")
def test_few_are_preempted_where_memory_is_tight(judge: Judge) -> None:
    def preempted(ask: Ask) -> float:
        replay: Replay = play(ask, TIGHT, "growing", 0.2)
        times = sum(job.preemptions for job in replay.jobs.values())
        return 100 * times / len(replay.jobs)

    judge.converse(preempted)


@rule("5.P7")
def test_slots_are_in_use_while_anybody_waits(judge: Judge) -> None:
    def slots(ask: Ask) -> float:
        replay = play(ask, SERVER, "steady", 0.0)
        return replay.slots / sum(job.output for job in replay.jobs.values())

    judge.converse(slots)
