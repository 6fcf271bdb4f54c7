"""Kernels with one thing wrong each; the line that is wrong says so."""

import torch
import triton
import triton.language as tl


@triton.jit
def unmasked_load_kernel(x, out, n, BLOCK: tl.constexpr):
    i = tl.arange(0, BLOCK)
    values = tl.load(x + i)  # wrong: unmasked load
    tl.store(out + i, values, mask=i < n)


@triton.jit
def unmasked_store_kernel(x, out, n, BLOCK: tl.constexpr):
    i = tl.arange(0, BLOCK)
    values = tl.load(x + i, mask=i < n, other=0.0)
    tl.store(out + i, values)  # wrong: unmasked store


@triton.jit
def no_other_kernel(x, out, n, BLOCK: tl.constexpr):
    i = tl.arange(0, BLOCK)
    tl.store(out, tl.sum(tl.load(x + i, mask=i < n)))


@triton.jit
def gather_kernel(x, slots, out, n, BLOCK: tl.constexpr):
    i = tl.arange(0, BLOCK)
    slot = tl.load(slots + i, mask=i < n, other=0)
    values = tl.load(x + slot, mask=i < n, other=0.0)  # wrong: unreadable slot
    tl.store(out + i, values, mask=i < n)


@triton.jit
def overflow_kernel(x, out, block, STRIDE: tl.constexpr):
    number = tl.load(block)
    tl.store(out, tl.load(x + number * STRIDE))  # wrong: overflow of 32 bits


@triton.jit
def half_written_kernel(scratch, n, BLOCK: tl.constexpr):
    i = tl.program_id(0) * BLOCK + tl.arange(0, BLOCK)
    tl.store(scratch + i, i.to(tl.float32), mask=i < n // 2)


@triton.jit
def read_all_kernel(scratch, out, n, BLOCK: tl.constexpr):
    i = tl.arange(0, BLOCK)
    tl.store(out, tl.sum(tl.load(scratch + i, mask=i < n, other=0.0)))  # wrong: scratch


@triton.jit
def same_element_kernel(x, out):
    value = tl.load(x + tl.program_id(0))
    tl.store(out, value)  # wrong: race


@triton.jit
def neighbour_kernel(x):
    program = tl.program_id(0)
    value = tl.load(x + program + 1)  # wrong: race of reader
    tl.store(x + program, value)  # wrong: race of writer


@triton.jit
def two_lanes_kernel(out, BLOCK: tl.constexpr):
    i = tl.arange(0, BLOCK)
    tl.store(out + i // 2, i)  # wrong: race of lanes


@triton.jit
def last_one_adds_kernel(x, partial, counter, out, PROGRAMS: tl.constexpr):
    """Right: who comes last, by an atomic counter, adds up what the others have written."""
    program = tl.program_id(0)
    tl.store(partial + program, tl.load(x + program) * 2)
    if tl.atomic_add(counter, 1) == PROGRAMS - 1:
        tl.store(out, tl.sum(tl.load(partial + tl.arange(0, PROGRAMS))))


@triton.jit
def first_one_adds_kernel(x, partial, out, PROGRAMS: tl.constexpr):
    """The same without the counter."""
    program = tl.program_id(0)
    tl.store(partial + program, tl.load(x + program) * 2)
    if program == PROGRAMS - 1:
        tl.store(out, tl.sum(tl.load(partial + tl.arange(0, PROGRAMS))))  # wrong: race unordered


@triton.jit
def asserting_kernel(x):
    tl.device_assert(tl.load(x) > 0, "must be positive")  # wrong: assertion


def load_past_the_end():
    out = torch.empty(10)
    unmasked_load_kernel[(1,)](torch.ones(10), out, 10, BLOCK=16)
    return out


def store_past_the_end():
    out = torch.empty(10)
    unmasked_store_kernel[(1,)](torch.ones(10), out, 10, BLOCK=16)
    return out


def sum_without_other():
    out = torch.empty(1)
    no_other_kernel[(1,)](torch.ones(10), out, 10, BLOCK=16)
    return out


def gather(x, slots):
    out = torch.empty(slots.numel())
    gather_kernel[(1,)](x, slots, out, slots.numel(), BLOCK=16)
    return out


def far_block(x):
    out = torch.empty(1, dtype=x.dtype)
    overflow_kernel[(1,)](x, out, torch.tensor([70_000], dtype=torch.int32), STRIDE=32_768)
    return out


def half_written(fill):
    scratch = torch.zeros(16) if fill else torch.empty(16)
    out = torch.empty(1)
    half_written_kernel[(2,)](scratch, 16, BLOCK=8)
    read_all_kernel[(1,)](scratch, out, 16, BLOCK=16)
    return out


def same_element():
    out = torch.zeros(1)
    same_element_kernel[(4,)](torch.arange(4.0), out)
    return out


def neighbours():
    x = torch.arange(5.0)
    neighbour_kernel[(4,)](x)
    return x


def two_lanes():
    out = torch.zeros(8, dtype=torch.int32)
    two_lanes_kernel[(1,)](out, BLOCK=16)
    return out


def last_one_adds():
    partial, out = torch.empty(8), torch.empty(1)
    counter = torch.zeros(1, dtype=torch.int32)
    last_one_adds_kernel[(8,)](torch.ones(8), partial, counter, out, PROGRAMS=8)
    return out


def first_one_adds():
    partial, out = torch.zeros(8), torch.empty(1)
    first_one_adds_kernel[(8,)](torch.ones(8), partial, out, PROGRAMS=8)
    return out


def false_assertion():
    asserting_kernel[(1,)](torch.zeros(1))
    return torch.zeros(1)
