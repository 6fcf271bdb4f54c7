"""Swapping against recomputing whoever is preempted: by length, block size and link."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from reproduce.backlogs import SHAREGPT
from reproduce.claim import TIMES, Claim, Figure, Row
from reproduce.claim_text import section
from reproduce.machine import KV_BYTES
from reproduce.memory.kinds import WATERMARK
from reproduce.scheduling.bench import Setup, serve
from reproduce.scheduling.cost import A100_13B, LAYERS_13B, with_link
from reproduce.scheduling.experiment import Experiment, Panels, Size, Tell
from reproduce.scheduling.jobs import backlog
from reproduce.scheduling.log import figures
from reproduce.scheduling.points import Point, pick
from reproduce.scheduling.swapping import (
    LINKS,
    by_length,
    crossings,
    recompute_over_swap,
    recompute_seconds,
    swap_seconds,
)
from reproduce.tables import table

BLOCK_SIZES = (1, 4, 16, 64, 256)
SERVED_SIZES = (8, 16, 64, 256)
"""Block sizes that requests are served with."""
COMPARABLE = 0.05


def measure(size: Size, tell: Tell) -> list[Point]:
    """Serve a backlog with tight memory, recomputing and swapping; the rest is arithmetic."""
    jobs = backlog(SHAREGPT, size.requests * 2 // 3, size.seeds[0])
    points = []
    for block_size in SERVED_SIZES:
        tell(f"preemption: blocks of {block_size}")
        for caching in (False, True) if block_size == 16 else (False,):
            setup = Setup(block_size=block_size, watermark=WATERMARK, caching=caching)
            mode = "recompute, cached" if caching else "recompute"
            labels = {"block_size": str(block_size), "mode": mode, "link": "none"}
            points.append(Point(labels, figures(serve(jobs, setup))))
        for link in LINKS:
            cost = with_link(A100_13B, link, block_size)
            setup = Setup(cost, block_size=block_size, watermark=WATERMARK, mode="swap")
            labels = {"block_size": str(block_size), "mode": "swap", "link": link.name}
            points.append(Point(labels, figures(serve(jobs, setup))))
    return points


def claims(points: Sequence[Point]) -> list[Claim]:
    """Give the claims."""
    rows = [
        Row(
            f"blocks of {size}",
            {link.name: Figure.of([_gain(points, size, link.name)]) for link in LINKS},
        )
        for size in SERVED_SIZES[1:3]
    ]
    micro = [
        Row(
            f"blocks of {block_size}",
            {link.name: Figure.of([recompute_over_swap(block_size, link)]) for link in LINKS},
        )
        for block_size in BLOCK_SIZES
    ]
    return [
        Claim(
            "with blocks of 16 to 64, swapping and recomputing serve the same",
            "vLLM paper, §7.3 (“comparable end-to-end performance”); here: requests a second with "
            "swapping over those with recomputing, within 5 %",
            1 - COMPARABLE,
            1 + COMPARABLE,
            TIMES,
            "swapping serves less",
            "swapping serves more",
            "Preemption is a small part of what a server does even where it is frequent, so that "
            "its price shows little. What differs is the time between tokens: here transfers "
            "overlap with nothing, and everybody waits for them.",
            "memory with",
            tuple(rows),
        ),
        Claim(
            "recomputing costs no more than swapping, so that swapping can be left out",
            "vLLM v1, which has no swapping. Here: seconds of recomputing 1,024 tokens beside "
            "other requests, over seconds of moving them out and in",
            0.0,
            1.0,
            TIMES,
            "",
            "recomputing costs more",
            "Both grow with the number of tokens, so that no length decides it: what decides is "
            "the time of a copy beside that of its bytes. Small blocks make many copies that do "
            "not fill the link; large ones move at its speed, and that is faster than computing, "
            "unless devices are many and fast (last table). The prefix cache does not make "
            "recomputing cheap: whoever took the victim's blocks writes into them at once.",
            "memory with",
            tuple(micro),
        ),
    ]


def _gain(points: Sequence[Point], block_size: int, link: str) -> float:
    """Requests a second with swapping over those with recomputing."""
    swapped = pick(points, block_size=block_size, link=link)[0]
    recomputed = pick(points, block_size=block_size, mode="recompute")[0]
    return swapped.figures["throughput"] / recomputed.figures["throughput"]


def tables(points: Sequence[Point]) -> Iterator[str]:
    """Give what was served, costs by length, and where the two cross."""
    yield from section(f"A backlog with tight memory ({SHAREGPT.title})", _served(points))
    yield from section("One preemption by length (13B on one A100, blocks of 16)", by_length())
    yield from section("Tokens in a block from which on swapping is cheaper", crossings())


def _served(points: Sequence[Point]) -> Iterator[str]:
    rows = []
    for point in points:
        found, labels = point.figures, point.labels
        mode = labels["mode"] + ("" if labels["link"] == "none" else f", {labels['link']}")
        cells = [
            f"{found['throughput']:.2f}",
            f"{1000 * found['preemptions'] / found['requests']:.0f}",
        ]
        cells += [f"{found['computed_tokens'] / 1000:.0f}", f"{found['gap_p99']:.3f} s"]
        rows.append([labels["block_size"], mode, *cells, f"{found['gap_most']:.2f} s"])
    heads = ["tokens in a block", "preempted by", "requests a second"]
    heads += ["preemptions in 1,000 requests", "thousand tokens computed"]
    yield from table([*heads, "P99 between tokens", "longest"], rows)


def draw(points: Sequence[Point], panels: Panels) -> None:
    """Draw the cost of one preemption, and what swapping serves, over the size of a block."""
    fine = [2**power for power in range(9)]
    for link in LINKS:
        times = [1e3 * swap_seconds(1024, size, link, KV_BYTES, LAYERS_13B) for size in fine]
        panels[0].plot(fine, times, label=f"swap, {link.name}")
        gains = [_gain(points, size, link.name) for size in SERVED_SIZES]
        panels[1].plot(SERVED_SIZES, gains, "-o", label=link.name, markersize=4)
    again = 1e3 * recompute_seconds(1024, A100_13B)
    panels[0].axhline(again, color="k", linestyle="--", label="recompute")
    panels[0].set(xscale="log", yscale="log", ylabel="ms for 1,024 tokens")
    panels[1].axhspan(1 - COMPARABLE, 1 + COMPARABLE, color="#dddddd", zorder=0)
    panels[1].set(xscale="log", ylabel="swap / recompute, requests a second")
    for panel, sizes in zip(panels, (fine[::2], SERVED_SIZES), strict=True):
        panel.set_xticks(sizes, [str(size) for size in sizes])
        panel.set_xlabel("tokens in a block")
    panels[0].legend(frameon=False, fontsize=7)


EXPERIMENT = Experiment(
    "Preemption",
    "The paper's memory (15,728 slots), and a backlog that keeps it full. Transfers are charged "
    "to the step in which they happen and overlap with nothing. A block is moved by one copy for "
    "each layer's keys and values, of 10 µs and its bytes at the link's speed; the host has room "
    "for all.",
    measure,
    claims,
    tables,
    draw,
)
