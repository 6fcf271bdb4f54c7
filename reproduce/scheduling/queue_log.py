"""What queueing theory is held against: arrivals, and Little's law on a log, by the reference."""

from __future__ import annotations

from pagedlab.queueing import Event, Little, Part, RequestLog
from reproduce.backlogs import AZURE_CHAT, AZURE_CODE
from reproduce.scheduling.jobs import Job, open_loop, poisson, shorter
from reproduce.scheduling.log import Log

ARRIVALS = {
    "chat, Poisson": AZURE_CHAT,
    "code, Poisson": AZURE_CODE,
    "code, its bursts": AZURE_CODE,
}
DIVISOR = 16


def arriving(kind: str, requests: int, seed: int) -> list[Job]:
    """Give the requests of a kind, at any rate."""
    jobs = shorter(open_loop(ARRIVALS[kind], requests, seed, 1.0), DIVISOR)
    return poisson(jobs, 1.0, seed) if kind.endswith("Poisson") else jobs


def little(log: Log, part: Part) -> Little:
    """Measure a part of the server in a log without preemptions, by the reference."""
    events: list[tuple[float, int, str, Event]] = []
    for name, arrival in log.arrivals.items():
        events.append((arrival, 0, name, "arrive"))
        events.append((log.admitted[name], 1, name, "admit"))
        events.append((log.token_times[name][-1], 2, name, "finish"))
    request_log = RequestLog()
    for time, _, name, event in sorted(events):
        request_log.record(time, name, event)
    return request_log.little(part)


def apart(found: Little) -> float:
    """Give by how much the two sides of Little's law differ, as a share."""
    return abs(found.mean_number / (found.arrival_rate * found.mean_seconds) - 1)
