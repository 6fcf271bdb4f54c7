"""64 clients at once, half of which leave midway: `python -m tests.server.crowd URL`."""

from __future__ import annotations

import asyncio
import itertools
import random
import sys
import time
from dataclasses import dataclass

import openai

CLIENTS = 64
PROMPT = "FIRST CITIZEN.\nBefore we proceed any further, hear me speak.\n\nALL.\n"


@dataclass(frozen=True)
class Crowd:
    """Where the clients ask, and how much.

    Attributes:
        url: of the server.
        model: its model.
        longest: tokens that those who leave ask for: more than they will see.
        short: tokens that the others ask for.
    """

    url: str
    model: str
    longest: int
    short: int = 20

    def run(self) -> list[Visit]:
        """Send them all, and wait for them."""
        return asyncio.run(self._run())

    async def _run(self) -> list[Visit]:
        leavers = set(random.Random(1).sample(range(CLIENTS), CLIENTS // 2))
        base_url = f"{self.url}/v1"
        async with openai.AsyncOpenAI(
            base_url=base_url, api_key="none", max_retries=0, timeout=100
        ) as client:
            visits = (self._visit(client, number, number in leavers) for number in range(CLIENTS))
            return await asyncio.gather(*visits)

    async def _visit(self, client: openai.AsyncOpenAI, number: int, leaves: bool) -> Visit:
        start = time.monotonic()
        stream = await client.completions.create(
            model=self.model,
            prompt=f"{PROMPT if number % 2 else ''}{number}",
            max_tokens=self.longest if leaves else self.short,
            seed=number,
            stream=True,
            extra_body={"ignore_eos": True},
        )
        times = []
        async for _ in stream:
            times.append(time.monotonic() - start)
            if leaves and len(times) > number % 5:
                await stream.close()
                break
        return Visit(leaves, tuple(times))


@dataclass(frozen=True)
class Visit:
    """How it went: whether the client left, and when its pieces came, in seconds."""

    left: bool
    times: tuple[float, ...]


def main(url: str, model: str = "pagedlab") -> None:
    """Send the crowd to a server that runs, and print how it went."""
    start = time.monotonic()
    visits = Crowd(url, model, longest=900, short=100).run()
    wall = time.monotonic() - start
    firsts = sorted(visit.times[0] for visit in visits)
    gaps = sorted(b - a for visit in visits for a, b in itertools.pairwise(visit.times))
    num_pieces = sum(len(visit.times) for visit in visits)
    left = sum(visit.left for visit in visits)
    print(f"{len(visits)} clients, {left} left midway; {num_pieces} pieces in {wall:.1f} s")
    for name, times in (("first piece", firsts), ("next piece", gaps)):
        p50, p95 = (1000 * times[int(share * (len(times) - 1))] for share in (0.5, 0.95))
        print(f"{name}: median {p50:.0f} ms, P95 {p95:.0f} ms")


if __name__ == "__main__":
    main(*sys.argv[1:])
