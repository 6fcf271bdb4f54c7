"""The same headline figures with other constants: what of them is the cost model's doing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from pagedlab.simulator import CostModel
from reproduce.backlogs import AZURE_CHAT, SHAREGPT
from reproduce.claim import Claim
from reproduce.claim_text import section
from reproduce.machine import KV_BYTES
from reproduce.memory.kinds import WATERMARK
from reproduce.scheduling.bench import AMPLE, Setup, serve
from reproduce.scheduling.chunk_runs import SEQS, UNCUT, WHOLE
from reproduce.scheduling.cost import (
    A100_13B,
    A100_70B,
    H100_70B,
    KV_BYTES_70B,
    LAYERS_13B,
    LAYERS_70B,
    PCIE_4,
    Roofline,
)
from reproduce.scheduling.experiment import Experiment, Panels, Size, Tell
from reproduce.scheduling.jobs import backlog
from reproduce.scheduling.log import figures
from reproduce.scheduling.paging import run_memory
from reproduce.scheduling.points import Point, pick
from reproduce.scheduling.static_server import serve_static
from reproduce.tables import table

COSTS: dict[str, CostModel] = {
    "13B on one A100": A100_13B,
    "the same, as a roofline": Roofline(),
    "70B on 8 A100, fitted": A100_70B,
    "70B on 8 H100, fitted": H100_70B,
}
PLACES = 16
SHOWN = {
    "continuous": "continuous / static",
    "no_padding": "/ static, no padding",
    "paged": "paged / room for the longest",
    "swap": "swap / recompute",
    "gap": "chunks of 512 / whole: P99 between tokens",
    "tpot": "TPOT P50",
    "chunked": "requests a second",
}


def measure(size: Size, tell: Tell) -> list[Point]:
    """Measure one figure of each claim with each cost model."""
    chat = backlog(AZURE_CHAT, size.requests // 2, size.seeds[0])
    points = []
    for name, cost in COSTS.items():
        tell(f"sensitivity: {name}")
        found = _batching(cost, size) | _chunks(cost, size) | _swapping(cost, size)
        paged, most = (
            figures(run_memory(memory, chat, AZURE_CHAT.max_model_len, cost))["throughput"]
            for memory in ("paged", "max")
        )
        found["paged"] = paged / most
        points.append(Point({"cost": name}, found))
    return points


def _batching(cost: CostModel, size: Size) -> dict[str, float]:
    jobs = backlog(AZURE_CHAT, max(size.requests // 2, 3 * PLACES), size.seeds[0])
    name = "loaded_tokens_a_second"
    continuous = figures(serve(jobs, Setup(cost, AMPLE, seqs=PLACES)))[name]
    padded, ragged = (
        continuous / figures(serve_static(jobs, PLACES, cost, padding))[name]
        for padding in (True, False)
    )
    return {"continuous": padded, "no_padding": ragged}


def _chunks(cost: CostModel, size: Size) -> dict[str, float]:
    jobs = backlog(AZURE_CHAT, size.requests // 2, size.seeds[0])
    whole = Setup(cost, AMPLE, tokens=4096 + SEQS, seqs=SEQS, scheduler=UNCUT[WHOLE])
    cut = replace(whole, tokens=512, scheduler=Setup.scheduler)
    one, other = (figures(serve(jobs, setup)) for setup in (cut, whole))
    names: Mapping[str, str] = {"gap": "gap_p99", "tpot": "tpot_p50", "chunked": "throughput"}
    return {key: one[name] / other[name] for key, name in names.items()}


def _swapping(cost: CostModel, size: Size) -> dict[str, float]:
    jobs = backlog(SHAREGPT, size.requests * 2 // 5, size.seeds[0])
    large = cost in (A100_70B, H100_70B)
    shape = (KV_BYTES_70B // 8, LAYERS_70B) if large else (KV_BYTES, LAYERS_13B)
    moved = replace(cost, per_swapped_block=PCIE_4.block_seconds(16, *shape))
    swap, recompute = (
        figures(serve(jobs, Setup(moved, watermark=WATERMARK, mode=mode)))["throughput"]
        for mode in ("swap", "recompute")
    )
    return {"swap": swap / recompute}


def claims(points: Sequence[Point]) -> list[Claim]:
    """There is none: these are the same claims again."""
    return []


def tables(points: Sequence[Point]) -> Iterator[str]:
    """Give every figure for every cost model."""
    rows = []
    for name in COSTS:
        found = pick(points, cost=name)[0].figures
        rows.append([name, *(f"{found[key]:.2f}×" for key in SHOWN)])
    yield from section("One figure of each claim", table(["cost model", *SHOWN.values()], rows))
    rows = [
        [
            name,
            f"{1e3 * cost.fixed:.1f} ms",
            f"{1e3 * cost.per_token:.3f} ms",
            f"{1e6 * cost.per_kv_token:.3f} µs",
        ]
        for name, cost in COSTS.items()
    ]
    heads = ["cost model", "a: a step", "b: a token", "c: a KV token"]
    yield from section("The cost models: a + b · tokens + c · KV tokens", table(heads, rows))


def draw(points: Sequence[Point], panels: Panels) -> None:
    """Draw every figure as a group of bars."""
    for place, name in enumerate(COSTS):
        found = pick(points, cost=name)[0].figures
        heights = [found[key] for key in SHOWN]
        panels[0].bar([at + 0.2 * place for at in range(len(SHOWN))], heights, 0.18, label=name)
    panels[0].axhline(1, color="k", linewidth=0.8)
    labels = [
        "continuous /\nstatic",
        "the same,\nno padding",
        "paged /\nlongest",
        "swap /\nrecompute",
    ]
    labels += ["chunks:\nP99 gap", "chunks:\nTPOT P50", "chunks:\nthroughput"]
    panels[0].set_xticks([at + 0.3 for at in range(len(SHOWN))], labels)
    panels[0].set(ylabel="ratio")
    panels[0].legend(frameon=False, fontsize=8)


EXPERIMENT = Experiment(
    "Sensitivity to the cost model",
    "Backlogs of Azure conversations, 16 places for batching and 32 for chunks; for swapping, "
    "ShareGPT-like requests and PCIe 4. The memory is 15,728 slots each time where it is tight: "
    "only time changes. In the roofline, a token is free as long as reading the weights takes "
    "longer.",
    measure,
    claims,
    tables,
    draw,
    panels=1,
)
