"""Thousands of requests through the reference's scheduler, every invariant checked at every step.

    make soak N=10000

Arrivals come in bursts on the virtual clock; prompts are short, share beginnings, or are far longer
than the budget; memory is tight, so that hundreds are preempted. Nobody is left in the end, and
every block is free. Runs in this process: what is checked is the reference.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
FIXED, PER_TOKEN = 0.02, 0.0005
BEGINNINGS = [[900 + 40 * kind + place for place in range(24)] for kind in range(5)]


@dataclass
class Soak:
    """One run: what is to come, what was seen."""

    policy: str
    host: int
    random: Random
    now: float = 0.0
    steps: int = 0
    seen: Counter[str] = field(default_factory=Counter)

    def run(self, requests: int) -> None:
        """Serve so many requests to their ends.

        Raises:
            AssertionError: an invariant is broken, or something is left in the end.
        """
        from stage5.driver import Driver
        from stage5.language import new, step
        from stage5.oracle import Oracle

        from pagedlab import policies, queueing, scheduler

        modules = {"policies": policies, "scheduler": scheduler, "queueing": queueing}
        self._driver, self._oracle = Driver(modules), Oracle()
        limits = {"policy": self.policy, "host": self.host, "watermark": 2}
        self._apply(new(48, 32, 8, **limits))
        arrival, sent = 0.0, 0
        while sent < requests or sum(self._state["counts"]):
            while sent < requests and (arrival <= self.now or not sum(self._state["counts"])):
                self.now = max(self.now, arrival)
                self._apply(self._request(sent, arrival))
                sent += 1
                arrival += self.random.expovariate(90 if sent % 200 < 50 else 14)
            plan = self._apply(step())["plan"]
            self.now += FIXED + PER_TOKEN * sum(plan["num_scheduled_tokens"].values())
            self.steps += 1
            for name in ("preempted_req_ids", "resumed_req_ids", "blocks_to_swap_in"):
                self.seen[name] += len(plan[name])
        left = (self._state["free"], self._state["host_free"])
        assert left == (48, self.host), f"blocks are missing in the end: {left}"

    def _apply(self, op: Any) -> Any:
        from autograder.program.model import Observation
        from autograder.worker.execute import run_program

        (reply,) = run_program(self._driver, [op.to_json()])
        observed = Observation.from_json(reply)
        wrong = next(iter(self._oracle.step(op, observed)), None)
        assert wrong is None, f"step {self.steps}: {op}: {wrong}"
        self._state: Any = observed.state
        return observed.result

    def _request(self, number: int, arrival: float) -> Any:
        from stage5.language import add

        random = self.random
        kind = random.random()
        size = random.randint(1, 30) if kind < 0.95 else random.randint(60, 120)
        prompt: Any = [number * 1000 + place for place in range(size)]
        if kind < 0.4:
            beginning = random.choice(BEGINNINGS)
            prompt = [*beginning[: random.randint(1, 24)], *prompt[:6]]
        out = random.randint(1, 12) if kind < 0.97 else random.randint(20, 60)
        return add(
            f"r{number}",
            prompt,
            out,
            at=round(arrival, 3),
            priority=random.randrange(3),
            deadline=arrival + random.randint(1, 9),
            client=random.choice("vwxyz"),
        )


def main(requests: int, policies: tuple[str, ...] = ("fcfs", "fair")) -> None:
    """Soak the reference, by recomputation under the first policy and by swapping otherwise."""
    from autograder.judge.stage_package import import_stage
    from autograder.rubric.load import load_course

    import_stage(load_course(ROOT / "assignments").stage(5))
    for place, policy in enumerate(policies):
        start = time.process_time()
        soak = Soak(policy, 40 * (place % 2), Random(7))
        soak.run(requests // len(policies))
        seen = ", ".join(f"{name} {count}" for name, count in sorted(soak.seen.items()))
        seconds = time.process_time() - start
        print(
            f"{policy}: {requests // len(policies)} requests, {soak.steps} steps,"
            f" {soak.now:.0f} s on the virtual clock; {seen}; every invariant held;"
            f" {seconds:.1f} s of CPU time"
        )


if __name__ == "__main__":
    sys.path[:0] = [str(ROOT), str(ROOT / "reference")]
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("requests", type=int, nargs="?", default=10_000)
    main(parser.parse_args().requests)
