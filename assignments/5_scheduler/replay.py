"""Plays a reported schedule again on the judge's own clock, and refuses what no server could do.

Nothing that a submission says of times or totals is used: only who got how many tokens in which
step. From that follow the length of the step, every token's time, and whether the blocks sufficed.
"""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from stage5.jobs import Job, Server, job_of

from autograder.judge.costs import Ask
from autograder.judge.counted import WrongOutputs

P = 16
TRACES = Path(__file__).parent / "traces"


@dataclass
class Replay:
    """The judge's server: clock, jobs, and which prefixes have ever been computed."""

    server: Server
    jobs: dict[str, Job] = field(default_factory=dict)
    now: float = 0.0
    computed_tokens: int = 0
    slots: int = 0
    _prefixes: dict[tuple[int, tuple[int, ...]], int] = field(default_factory=dict)
    _ever: set[int] = field(default_factory=set)
    _chains: dict[str, list[int]] = field(default_factory=dict)

    def step(self, served: Sequence[Any], preempted: Sequence[Any]) -> None:
        """Take in one step.

        Raises:
            WrongOutputs: no server could have done it.
        """
        for name in preempted:
            job = self._job(name)
            if not job.running:
                raise WrongOutputs(f"{name} is preempted, and does not run")
            job.running, job.computed = False, 0
            job.preemptions += 1
        names = [name for name, _, _ in served]
        if len(set(names)) != len(names) or set(names) & set(preempted):
            raise WrongOutputs("a request is served twice in a step, or preempted and served")
        for name, count, start in served:
            self._serve(self._job(name), count, start)
        self._check_limits(served)
        self._pass_time(served)

    def _job(self, name: Any) -> Job:
        job = self.jobs.get(name) if isinstance(name, str) else None
        if job is None or job.done or job.arrival > self.now:
            raise WrongOutputs(f"{name} is scheduled: it has not arrived, or is done")
        return job

    def _serve(self, job: Job, count: Any, start: Any) -> None:
        if type(count) is not int or type(start) is not int or count < 1:
            raise WrongOutputs(f"{job.name} gets {count} tokens from {start} on")
        chain = self._chain(job)
        if job.running and start != job.computed:
            raise WrongOutputs(f"{job.name} goes on at {start}, not at {job.computed}")
        if not job.running:
            hits = start // P
            known = hits <= len(chain) and all(one in self._ever for one in chain[:hits])
            if start % P or start < 0 or not known or (start and not self.server.caching):
                raise WrongOutputs(f"{job.name} begins at {start}, and that was never computed")
        if start + count > job.size:
            raise WrongOutputs(f"{job.name} has {job.size} tokens, not {start + count}")
        job.running, job.computed = True, start + count

    def _check_limits(self, served: Sequence[Any]) -> None:
        running = [job for job in self.jobs.values() if job.running]
        total = sum(count for _, count, _ in served)
        if total > self.server.tokens or len(running) > self.server.seqs:
            raise WrongOutputs(f"{total} tokens, {len(running)} running: over the limits")
        whole = {one for job in running for one in self._chain(job)[: job.computed // P]}
        alone = sum(job.computed // P for job in running)
        blocks = len(whole) if self.server.caching else alone
        blocks += sum(job.computed % P > 0 for job in running)
        if blocks > self.server.blocks:
            raise WrongOutputs(f"{blocks} blocks of {self.server.blocks} in use")

    def _pass_time(self, served: Sequence[Any]) -> None:
        fixed, per_token, per_kv_token = self.server.cost
        total = sum(count for _, count, _ in served)
        kv_tokens = sum(start + count for _, count, start in served)
        self.now += fixed + per_token * total + per_kv_token * kv_tokens
        self.computed_tokens += total
        self.slots += self.server.seqs
        for name, _, _ in served:
            job = self.jobs[name]
            if self.server.caching:
                self._ever.update(self._chain(job)[: job.computed // P])
            if job.computed == job.size:
                job.token_times.append(self.now)
                job.running = not job.done

    def _chain(self, job: Job) -> list[int]:
        """A number for every full block of a job's tokens; equal where all tokens so far are."""
        chain = self._chains.setdefault(job.name, [])
        while (len(chain) + 1) * P <= job.size:
            place = len(chain) * P
            tokens = [*job.prompt, *([1] * len(job.token_times))][place : place + P]
            parent = chain[-1] if chain else -1
            key = (parent, (*tokens, -1 if self.server.caching else hash(job.name)))
            chain.append(self._prefixes.setdefault(key, len(self._prefixes)))
        return chain


def play(ask: Ask, server: Server, trace: str, pace: float = 1.0) -> Replay:
    """Let a trace be served; reveal each request when the clock reaches its arrival.

    Args:
        ask: of the meter.
        server: that serves.
        trace: name of a file in traces/.
        pace: how many times as long the gaps between arrivals are; 0 for all at once.

    Raises:
        WrongOutputs: the schedule breaks a rule of the imagined server.
    """
    replay = Replay(server)
    arrivals = json.loads((TRACES / f"{trace}.json").read_text(encoding="utf-8"))
    longest = max(output for *_, output in arrivals)
    jobs = [job_of(number, at / 1000 * pace, *rest) for number, (at, *rest) in enumerate(arrivals)]
    message: dict[str, Any] = {"server": asdict(server), "arrivals": [], "until": 0.0}
    for job in jobs:
        if job.arrival > replay.now:
            message["until"] = job.arrival
            _advance(ask, replay, message)
            replay.now = max(replay.now, job.arrival)
            message = {"arrivals": [], "until": 0.0}
        replay.jobs[job.name] = job
        told = {"name": job.name, "at": job.arrival, "prompt": job.prompt}
        message["arrivals"].append({**told, "most": longest, "output": job.output})
    message["until"] = None
    _advance(ask, replay, message)
    if not all(job.done for job in jobs):
        raise WrongOutputs("not every request was served to its end")
    return replay


def _advance(ask: Ask, replay: Replay, message: dict[str, Any]) -> None:
    until = math.inf if message["until"] is None else message["until"]
    for served, preempted in ask(message):  # type: ignore[misc, union-attr]
        if replay.now >= until:
            raise WrongOutputs("a step was run that belongs to a later time")
        replay.step(served, preempted)  # type: ignore[arg-type]
    waiting = [job for job in replay.jobs.values() if not job.done]
    if replay.now < until and waiting:
        raise WrongOutputs(f"{len(waiting)} requests wait, and the server stands still")


def percentile(values: Sequence[float], share: float) -> float:
    """The smallest value that is not exceeded by `share` of all."""
    return sorted(values)[math.ceil(share * len(values)) - 1]
