"""A child process of the report: imports the file, runs it in one kind of process, writes JSON.

`python -m kernel_lanes.report.examine KIND FILE TARGETS OUT`
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from types import ModuleType
from typing import Any

from kernel_lanes import modes
from kernel_lanes.record import MOST_TEXT
from kernel_lanes.shapes import CHECKED, COUNTED, SERVING, PagedShape

ORDERS: tuple[str | int, ...] = ("forward", "reverse", 1)


def main(kind: str, file: str, targets: str, out: str) -> None:
    """Look at a file and write down what was seen. Errors of the file's are part of that."""
    getattr(modes, kind)()
    import torch

    torch.set_num_threads(1)
    from kernel_lanes.report.subject import load, told

    found: dict[str, Any] = {"import": "", "checks": [], "counted": [], "served": []}
    try:
        module = load(Path(file))
        if not hasattr(module, "paged_attention"):
            found["import"] = f"{Path(file).name} has no function paged_attention"
    except BaseException as error:  # noqa: BLE001 - sys.exit too
        found["import"] = told(error)
    if not found["import"]:
        if kind == "interpreted":
            found.update(_interpreted(module))
        else:
            found.update(_compiled(module, targets.split(",")))
    Path(out).write_text(json.dumps(found), encoding="utf-8")


def _interpreted(module: ModuleType) -> dict[str, Any]:
    from kernel_lanes.sanitizer import Sanitizer
    from kernel_lanes.sanitizer.selftest import selftest

    if blind := selftest():
        return {"blind": f"not run: it does not know this Triton ({'; '.join(blind)})"[:MOST_TEXT]}
    runs = ((shape, order) for shape in CHECKED for order in ORDERS)
    checks = [
        _check(module, shape, "interpreter", order, Sanitizer(order)) for shape, order in runs
    ]
    return {"checks": checks}


def _compiled(module: ModuleType, targets: list[str]) -> dict[str, Any]:
    from kernel_lanes.fast import FastRun, available

    if reason := available():
        return {"fast": reason, "served": list(_served(module, targets))}
    checks = [_check(module, shape, "C", order, FastRun(order)) for shape in CHECKED
              for order in ORDERS[:2]]  # fmt: skip
    counted = [_check(module, shape, "C", "forward", FastRun()) for shape in COUNTED]
    served = list(_served(module, targets))
    return {"fast": "", "checks": checks, "counted": counted, "served": served}


def _check(
    module: ModuleType, shape: PagedShape, engine: str, order: str | int, watch: Any
) -> dict[str, Any]:
    from kernel_lanes.problem import build
    from kernel_lanes.report.subject import ALLOWED, attend

    error, problem = attend(module, build(shape), watch)
    named = order if isinstance(order, str) else "shuffled"
    return {
        "what": shape.name, "engine": engine, "order": named, "error": error,
        "allowed": ALLOWED[shape.dtype], "problem": problem, "record": watch.record().plain(),
    }  # fmt: skip


def _served(module: ModuleType, targets: list[str]) -> Iterator[dict[str, Any]]:
    from kernel_lanes.capture import capture
    from kernel_lanes.compile import compile_launches
    from kernel_lanes.problem import build
    from kernel_lanes.report.subject import told, unlike

    for shape in SERVING:
        facts: dict[str, Any] = {"what": shape.name, "capture": None, "kernels": []}
        facts.update(problem="", finite=False)
        problem = build(shape, virtual=True)
        try:
            with capture() as seen:
                result = problem.run(module.paged_attention)
            facts["problem"] = unlike(result, problem)
            facts["finite"] = not facts["problem"] and bool(result.isfinite().any())
            facts["capture"] = seen.facts().plain()
            facts["kernels"] = [asdict(one) for one in compile_launches(seen.launches, targets)]
        except Exception as error:  # noqa: BLE001 - it is reported
            facts["problem"] = told(error)
        yield facts


if __name__ == "__main__":
    main(*sys.argv[1:])
