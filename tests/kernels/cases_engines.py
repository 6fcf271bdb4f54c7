"""What kernels give and move, in either kind of process."""

from dataclasses import asdict

import operations
import paged
import samples
import torch

from kernel_lanes import modes

if modes.chosen() == "interpreted":
    from kernel_lanes.sanitizer import Sanitizer as Engine
else:
    from kernel_lanes.fast import FastRun as Engine
from kernel_lanes.problem import build
from kernel_lanes.shapes import CHECKED, PagedShape

DTYPES = {"float32": torch.float32, "float16": torch.float16, "bfloat16": torch.bfloat16}


def watched(host, seed=0, order="forward"):
    torch.manual_seed(seed)
    with Engine(order) as watch:
        result = host()
    assert watch.fault is None
    numbers = result.double().flatten().tolist()
    return {"result": numbers, "launches": [asdict(one) for one in watch.launches]}


def for_each_dtype(host):
    return {name: watched(lambda kind=kind: host(kind)) for name, kind in DTYPES.items()}


def case_add():
    return for_each_dtype(
        lambda kind: samples.add(torch.randn(300).to(kind), torch.ones(300).to(kind))
    )


def case_softmax():
    return for_each_dtype(lambda kind: samples.softmax(torch.randn(5, 50).to(kind)))


def case_matmul_of_strided():
    def host(kind):
        left = torch.randn(40, 64).to(kind)[:, ::2][:, :20]
        return samples.matmul(left, torch.randn(70, 20).to(kind).T)

    return for_each_dtype(host)


def paged_shapes():
    return (*CHECKED, PagedShape("one head", ((2, 19),), 1, 1, 128, 8, "float16"),
            PagedShape("no sharing", ((1, 5), (1, 1)), 4, 4, 64, 4, "float32"))  # fmt: skip


def case_paged_attention():
    return {
        shape.name: watched(lambda shape=shape: build(shape).run(paged.paged_attention))
        for shape in paged_shapes()
    }


def case_write_kv_cache():
    def host(kind):
        both = torch.zeros(6, 2, 4, 2, 16).to(kind)  # keys and values interleaved
        keys, values = both.unbind(1)
        slots = torch.tensor([3, -1, 20, 9])
        new = torch.randn(4, 2, 2, 16).to(kind)
        paged.write_kv_cache(new[:, 0], new[:, 1], keys, values, slots)
        return both

    return for_each_dtype(host)


def case_atomics():
    def host():
        return samples.histogram(torch.randint(0, 10, (200,), dtype=torch.int32), 10)

    return {"histogram": watched(host), "shuffled": watched(host, order=5),
            "all kinds": watched(operations.atomics)}  # fmt: skip


def case_control():
    found = {
        f"{n} {flag}": watched(lambda n=n, flag=flag: operations.control(n, flag))
        for n in (0, 1, 7)
        for flag in (True, False)
    }
    collatz = torch.arange(0, 30, dtype=torch.int32)
    return {**found, "collatz": watched(lambda: samples.collatz(collatz))}


def case_operations():
    mixed = torch.arange(-50, 50, dtype=torch.int32) * 977
    found = {
        name: watched(getattr(operations, name))
        for name in ("shapes", "reductions", "own_reduction", "mathematics", "integers",
                     "batched_dot", "int8_dot", "sorting")
    }  # fmt: skip
    found["mixed"] = watched(lambda: samples.mixed(mixed))
    found["rows"] = watched(lambda: samples.rows(torch.randn(4, 50)))
    for name, kind in DTYPES.items():
        found[f"half {name}"] = watched(lambda kind=kind: operations.half(kind))
    return found
