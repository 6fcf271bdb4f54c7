"""Static batching: a batch is made, computed until its last request has ended, and then the next.

Our own baseline, after the servers that Orca (Yu et al., OSDI 2022) describes: request-level
batching. Whoever waits is taken in order of arrival, as many as there are places.
"""

from __future__ import annotations

from collections.abc import Sequence

from pagedlab.sched_output import SchedulerOutput
from pagedlab.simulator import CostModel
from reproduce.scheduling.jobs import Job
from reproduce.scheduling.log import Log, LoggedStep


def serve_static(jobs: Sequence[Job], places: int, cost: CostModel, padded: bool = True) -> Log:
    """Serve jobs batch by batch.

    Padded, every row of the batch is as long as its longest prompt and computed until its
    longest output has ended, as a rectangular tensor is. Not padded, only tokens that somebody
    needs are computed, and places stay empty until the batch ends: the best that a server can do
    that never changes a batch. A token is delivered as soon as it is computed.

    Args:
        jobs: in order of arrival.
        places: largest number of requests in a batch.
        cost: of a step.
        padded: which of the two.

    Returns:
        The log. Memory never runs out.
    """
    now, done = 0.0, 0
    steps: list[LoggedStep] = []
    token_times: dict[str, list[float]] = {job.name: [] for job in jobs}
    admitted: dict[str, float] = {}
    while done < len(jobs):
        now = max(now, jobs[done].arrival)
        batch = [job for job in jobs[done : done + places] if job.arrival <= now]
        done += len(batch)
        admitted |= dict.fromkeys((job.name for job in batch), now)
        for place in range(max(job.output for job in batch)):
            going = [job for job in batch if place < job.output]
            plan = _plan(batch if padded else going, place, padded)
            start, now = now, now + cost.seconds(plan)
            tokens = plan.total_num_scheduled_tokens
            steps.append(LoggedStep(start, now, len(going), tokens))
            for job in going:
                token_times[job.name].append(now)
    return Log({job.name: job.arrival for job in jobs}, admitted, token_times, steps)


def _plan(rows: Sequence[Job], place: int, padded: bool) -> SchedulerOutput:
    """The step in which the rows get their token number `place`, from 0."""
    longest = max(len(job.prompt) for job in rows)
    plan = SchedulerOutput()
    for job in rows:
        prompt = longest if padded else len(job.prompt)
        plan.num_scheduled_tokens[job.name] = 1 if place else prompt
        plan.num_computed_tokens[job.name] = prompt + place - 1 if place else 0
    return plan
