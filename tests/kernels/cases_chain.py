"""Chained decoding, run as C: honest kernels and those that hope nobody looks."""

import itertools

import paged
import torch

from kernel_lanes.fast import FastRun
from kernel_lanes.gpu import chain
from kernel_lanes.gpu.measure import Device, Functions, WrongResult, measure
from kernel_lanes.problem import build
from kernel_lanes.shapes import PagedShape

SHAPE = PagedShape("chain", ((1, 33), (1, 7), (1, 64)), 4, 2, 64, 16, "float16")
STEPS = 12
HONEST = Functions(paged.paged_attention, paged.write_kv_cache)


def ended(attend=paged.paged_attention, write=paged.write_kv_cache):
    """How far from the right one a chain's last output is."""
    problem = build(SHAPE)
    taken = chain.steps(problem, 7, STEPS)
    wanted = chain.right(problem, taken)
    with FastRun():
        out = chain.run(attend, write, problem, taken)
    return float((out.double() - wanted).abs().max())


def remembering(key):
    """Gives what it gave before for the same key."""
    given = {}

    def attend(*args):
        if key(*args) not in given:
            given[key(*args)] = paged.paged_attention(*args)
        return given[key(*args)]

    return attend


def mirrored():
    """Keeps a copy of the caches from the first call on, as a contiguous mirror would."""
    kept = []

    def attend(query, keys, values, *rest):
        if not kept:
            kept.extend((keys.clone(), values.clone()))
        return paged.paged_attention(query, *kept, *rest)

    return attend


def case_ends():
    calls = itertools.count()
    last = []

    def every_second(*args):
        if next(calls) % 2 == 0 or not last:
            last[:] = [paged.paged_attention(*args)]
        return last[0]

    return {
        "honest": ended(),
        "by address": ended(remembering(lambda query, keys, *_: keys.data_ptr())),
        "by shape": ended(remembering(lambda query, *_: tuple(query.shape))),
        "every second": ended(every_second),
        "mirror": ended(mirrored()),
        "no writes": ended(write=lambda *_: None),
        "zeros": ended(lambda query, *_: torch.zeros_like(query)),
    }


def case_measured():
    """The whole measurement with a clock that counts the steps that were done."""
    done = [0]

    def counting(weight):
        def attend(*args):
            done[0] += weight
            return paged.paged_attention(*args)

        return Functions(attend, paged.write_kv_cache)

    def clock():
        done[0] += 1e-3
        return float(done[0])

    device = Device("cpu", lambda: None, 100_000)
    with FastRun():
        found = measure(counting(3), counting(2), SHAPE, device, clock, range(3), (2, 6))
    return [found.ratio, found.low, found.high, found.bandwidth, found.steady]


def case_bench():
    """A worker's part of the grader's rule on time, with a submission's functions."""
    from autograder.paged_batch.gpu_lane import Bench

    bench = Bench(SHAPE, Device("cpu", lambda: None, 0))
    bench._functions = paged.paged_attention, paged.write_kv_cache
    with FastRun():
        bench.ready_chain(7, STEPS)
        first = numbers(bench.go())
        bench.ready_chain(7, STEPS)
        again = numbers(bench.go())
    right = numbers(bench.right(7, STEPS))
    return [float(abs(first - right).max()), float(abs(first - again).max())]


def numbers(text):
    from autograder.paged_batch.tensors_as_bytes import from_text

    return from_text(text).numbers


def case_wrong_is_not_timed():
    cheat = Functions(lambda query, *_: query, paged.write_kv_cache)
    device = Device("cpu", lambda: None, 0)
    ticks = itertools.count()
    with FastRun():
        try:
            measure(cheat, HONEST, SHAPE, device, lambda: next(ticks) ** 2.0, range(3), (2, 4))
        except WrongResult as error:
            return str(error)
