"""The tables of a report, as text by rows; terminal and page show the same ones. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from kernel_lanes.facts import KernelFacts
from kernel_lanes.occupancy import Machine, machines, occupancy
from kernel_lanes.report.data import Report
from kernel_lanes.report.findings import comparisons


@dataclass(frozen=True)
class Table:
    """A table; `note` says how to read it. The first column is text, the others are numbers."""

    title: str
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    note: str = ""


def tables(report: Report) -> list[Table]:
    """All that have rows."""
    made = (_checks(report), _traffic(report), _arrays(report), _code(report), _places(report))
    return [one for one in made if one.rows]


def _checks(report: Report) -> Table:
    rows: dict[tuple[str, str], list[str]] = {}
    for check in report.checks:
        row = rows.setdefault((check.what, check.engine), [])
        error = "" if check.error is None else f" {check.error:.1e}"
        row.append(f"{check.order}{error}" if check.passed else f"{check.order} FAILS{error}")
    return Table(
        "Results",
        ("shape", "engine", "order of programs, and largest error"),
        tuple((what, engine, " · ".join(row)) for (what, engine), row in rows.items()),
        "Against a plain computation in float64. The interpreter looks for races too; both refuse"
        " what is out of bounds, belongs to no token, or was never written.",
    )


def _traffic(report: Report) -> Table:
    rows = tuple(
        (
            check.what,
            _bytes(seen.moved),
            _bytes(seen.least),
            f"{seen.ratio:.2f}",
            f"{seen.cache_ratio:.2f}",
            f"{seen.flops_ratio:.2f}",
            f"{seen.imbalance:.1f}",
            str(seen.launches),
        )
        for check, seen in comparisons(report)
    )
    return Table(
        "Traffic against the minimum",
        ("shape", "moved", "least", "ratio", "K, V", "FLOPs", "uneven", "kernels"),
        rows,
        "Counted, not timed: bytes in 32-byte sectors as if there were no cache, and the products"
        " of tl.dot, each over what no kernel can do without. Uneven: the busiest program's loads"
        " by the mean.",
    )


def _arrays(report: Report) -> Table:
    seen = comparisons(report)
    if not seen:
        return Table("", (), ())
    check, worst = max(seen, key=lambda pair: pair[1].ratio)
    rows = tuple(
        (one.name, _bytes(one.loaded), _bytes(one.stored), _bytes(one.least), f"{one.ratio:.2f}")
        for one in worst.lines
    )
    head = ("array", "loaded", "stored", "least", "ratio")
    return Table(f"By array, where it is worst: {check.what}", head, rows)


def _code(report: Report) -> Table:
    rows = []
    for served in report.served:
        for one in served.kernels:
            label = f"{served.what}: {one.kernel}"
            rows.append(
                (label, one.target, "does not compile") if one.error else _code_row(label, one)
            )
    return Table(
        "Machine code",
        ("launch", "target", "registers", "spilled", "shared", "tensor", "128-bit", "async"),
        tuple(rows),
        "Registers and spilled bytes are per thread, shared memory per program; tensor: matrix"
        " instructions; 128-bit: load instructions that take so many; async: those to shared memory"
        " that the kernel does not wait for.",
    )


def _code_row(label: str, one: KernelFacts) -> tuple[str, ...]:
    loads = one.loads_wide + one.loads_narrow
    return (
        label,
        one.target,
        str(one.registers),
        str(one.spill_stores + one.spill_loads),
        _bytes(one.shared),
        str(one.tensor_core),
        f"{one.loads_wide} of {loads}",
        str(one.async_copies),
    )


def _places(report: Report) -> Table:
    rows = []
    for served in report.served:
        for one in served.kernels:
            machine = machines().get(one.target)
            if machine is not None and not one.error:
                rows.append(_place_row(f"{served.what}: {one.kernel}", one, machine))
    return Table(
        "Occupancy",
        ("launch", "GPU", "programs", "per SM", "limited by", "waves", "SMs busy", "one more at"),
        tuple(rows),
        "Waves: programs by those that the whole GPU holds at a time. One more at: registers at"
        " which an SM would hold one more program, where registers are the limit.",
    )


def _place_row(label: str, one: KernelFacts, machine: Machine) -> tuple[str, ...]:
    seen = occupancy(one, machine)
    more = ""
    if seen.limited_by == "registers":
        warps = one.num_warps * (seen.programs_per_sm + 1)
        unit = machine.register_unit
        more = f"{machine.registers // warps // unit * unit // 32} registers"
    return (
        label,
        machine.name,
        f"{one.programs:,}",
        str(seen.programs_per_sm),
        seen.limited_by,
        f"{seen.waves:.2f}",
        f"{seen.busy_sms} of {machine.sms}",
        more,
    )


def _bytes(number: int) -> str:
    for unit in ("B", "KB", "MB"):
        if number < 10_000 or unit == "MB":
            return f"{number:,} {unit}"
        number = round(number / 1000)
    return ""
