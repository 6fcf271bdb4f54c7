"""What the engines say about wrong kernels. Runs under either kind of process."""

import faulty
import torch

from kernel_lanes import modes

if modes.chosen() == "interpreted":
    from kernel_lanes.sanitizer import Sanitizer as Engine
else:
    from kernel_lanes.fast import FastRun as Engine
from kernel_lanes.virtual import virtual_tensor
from kernel_lanes.watching import KernelFault


def watched(host, declare=(), **options):
    """Kind, message, place and program of the fault, and the result where there is none."""
    result = None
    with Engine(**options) as watch:
        for name, tensor, readable in declare:
            watch.declare(name, tensor, readable)
        try:
            result = [float(x) for x in host().flatten()[:4]]
        except KernelFault:
            pass
    fault = watch.record().plain()["fault"]
    result = result and [None if x != x else x for x in result]
    return {"fault": fault, "result": result, "launches": len(watch.launches)}


def case_load_past_the_end():
    return watched(faulty.load_past_the_end)


def case_store_past_the_end():
    return watched(faulty.store_past_the_end)


def case_sum_without_other():
    return watched(faulty.sum_without_other)


def case_unreadable_slot():
    x, readable = torch.arange(32.0).view(8, 4), torch.ones(8, dtype=torch.bool)
    readable[3] = False
    slots = torch.tensor([0, 8, 13], dtype=torch.int32)
    return watched(lambda: faulty.gather(x, slots), [("cache", x, readable)])


def case_readable_slots():
    x, readable = torch.arange(32.0).view(8, 4), torch.ones(8, dtype=torch.bool)
    readable[3] = False
    slots = torch.tensor([0, 8, 16], dtype=torch.int32)
    return watched(lambda: faulty.gather(x, slots), [("cache", x, readable)])


def case_interleaved_arrays():
    """Keys and values of one allocation: reading a value by a key's pointer is out of bounds."""
    both = torch.arange(32.0).view(4, 2, 4)
    keys, values = both.unbind(1)
    slots = torch.tensor([1, 5], dtype=torch.int32)
    declared = [("keys", keys, None), ("values", values, None)]
    return watched(lambda: faulty.gather(keys, slots), declared)


def case_far_block():
    return watched(lambda: faulty.far_block(virtual_tensor((80_000 * 32_768,), torch.int8)))


def case_uninitialised_scratch():
    return watched(lambda: faulty.half_written(fill=False))


def case_initialised_scratch():
    return watched(lambda: faulty.half_written(fill=True))


def case_false_assertion():
    return watched(faulty.false_assertion)


def case_last_one_adds():
    return watched(faulty.last_one_adds)


def case_last_one_adds_shuffled():
    return watched(faulty.last_one_adds, order=3)


def case_swallowed():
    """The host code catches everything and gives zeros: the fault is known all the same."""

    def host():
        try:
            return faulty.load_past_the_end()
        except Exception:
            return torch.zeros(4)

    return watched(host)


if modes.chosen() == "interpreted":

    def case_same_element():
        return watched(faulty.same_element)

    def case_same_element_unwatched():
        return watched(faulty.same_element, races=False)

    def case_neighbours():
        return watched(faulty.neighbours)

    def case_neighbours_reversed():
        return watched(faulty.neighbours, order="reverse")

    def case_two_lanes():
        return watched(faulty.two_lanes)

    def case_first_one_adds():
        return watched(faulty.first_one_adds)
