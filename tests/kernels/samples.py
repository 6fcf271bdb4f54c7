"""Kernels and their host code that the lanes are tried on; `faulty.py` has wrong ones."""

import torch
import triton
import triton.language as tl


@triton.jit
def add_kernel(x, y, out, n, BLOCK: tl.constexpr):
    i = tl.program_id(0) * BLOCK + tl.arange(0, BLOCK)
    a = tl.load(x + i, mask=i < n)
    b = tl.load(y + i, mask=i < n)
    tl.store(out + i, a + b, mask=i < n)


def add(x, y):
    out = torch.empty_like(x)
    n = x.numel()
    add_kernel[(triton.cdiv(n, 128),)](x, y, out, n, BLOCK=128)
    return out


@triton.jit
def softmax_kernel(x, out, stride, columns, BLOCK: tl.constexpr):
    row = tl.program_id(0)
    i = tl.arange(0, BLOCK)
    values = tl.load(x + row * stride + i, mask=i < columns, other=float("-inf")).to(tl.float32)
    weights = tl.exp(values - tl.max(values, axis=0))
    result = weights / tl.sum(weights, axis=0)
    tl.store(out + row * stride + i, result.to(out.dtype.element_ty), mask=i < columns)


def softmax(x):
    out = torch.empty_like(x)
    rows, columns = x.shape
    softmax_kernel[(rows,)](x, out, x.stride(0), columns, BLOCK=triton.next_power_of_2(columns))
    return out


@triton.jit
def matmul_kernel(
    a, b, c, M, N, K, sam, sak, sbk, sbn, scm, BM: tl.constexpr, BN: tl.constexpr, BK: tl.constexpr
):
    rows = tl.program_id(0) * BM + tl.arange(0, BM)
    columns = tl.program_id(1) * BN + tl.arange(0, BN)
    total = tl.zeros((BM, BN), dtype=tl.float32)
    for start in range(0, K, BK):
        inner = start + tl.arange(0, BK)
        left = tl.load(
            a + rows[:, None] * sam + inner[None, :] * sak,
            mask=(rows[:, None] < M) & (inner[None, :] < K),
            other=0.0,
        )
        right = tl.load(
            b + inner[:, None] * sbk + columns[None, :] * sbn,
            mask=(inner[:, None] < K) & (columns[None, :] < N),
            other=0.0,
        )
        total = tl.dot(left, right, total, input_precision="ieee")
    place = c + rows[:, None] * scm + columns[None, :]
    inside = (rows[:, None] < M) & (columns[None, :] < N)
    tl.store(place, total.to(c.dtype.element_ty), mask=inside)


def matmul(a, b):
    (m, k), (_, n) = a.shape, b.shape
    c = torch.empty((m, n), dtype=a.dtype)
    grid = (triton.cdiv(m, 32), triton.cdiv(n, 32))
    matmul_kernel[grid](
        a, b, c, m, n, k, *a.stride(), *b.stride(), c.stride(0), BM=32, BN=32, BK=16
    )
    return c


@triton.jit
def histogram_kernel(x, counts, done, n, BLOCK: tl.constexpr):
    i = tl.program_id(0) * BLOCK + tl.arange(0, BLOCK)
    bucket = tl.load(x + i, mask=i < n, other=0)
    tl.atomic_add(counts + bucket, 1, mask=i < n)
    tl.atomic_max(done, tl.program_id(0) + 1)


def histogram(x, buckets):
    counts = torch.zeros(buckets, dtype=torch.int32)
    done = torch.zeros(1, dtype=torch.int32)
    n = x.numel()
    histogram_kernel[(triton.cdiv(n, 64),)](x, counts, done, n, BLOCK=64)
    return torch.cat([counts, done])


@triton.jit
def collatz_length(start, limit):
    """A device function with a loop whose length depends on data, and an early return."""
    if start < 1:
        return 0
    steps = 0
    value = start
    while value != 1 and steps < limit:
        if value % 2 == 0:
            value = value // 2
        else:
            value = 3 * value + 1
        steps += 1
    return steps


@triton.jit
def collatz_kernel(x, out, n):
    i = tl.program_id(0)
    if i >= n:
        return
    tl.store(out + i, collatz_length(tl.load(x + i), 1000))


def collatz(x):
    out = torch.empty_like(x)
    collatz_kernel[(x.numel() + 3,)](x, out, x.numel())
    return out


@triton.jit
def rows_kernel(x, sums, firsts, running, columns, BLOCK: tl.constexpr):
    """Reductions and scans: sum, argmax, a product of one's own, a running sum."""
    row = tl.program_id(0)
    i = tl.arange(0, BLOCK)
    values = tl.load(x + row * columns + i, mask=i < columns, other=0.0)
    tl.store(sums + row, tl.sum(values, 0))
    tl.store(firsts + row, tl.argmax(tl.where(i < columns, values, float("-inf")), 0))
    tl.store(running + row * columns + i, tl.cumsum(values, 0), mask=i < columns)


def rows(x):
    count, columns = x.shape
    sums, firsts = torch.empty(count), torch.empty(count, dtype=torch.int32)
    running = torch.empty_like(x)
    rows_kernel[(count,)](x, sums, firsts, running, columns, BLOCK=triton.next_power_of_2(columns))
    return torch.cat([sums[:, None], firsts[:, None].float(), running], 1)


@triton.jit
def mixed_kernel(x, out, n, BLOCK: tl.constexpr):
    """Integers and floats through many operations, C's division, wrap-around, selects, casts."""
    i = tl.program_id(0) * BLOCK + tl.arange(0, BLOCK)
    inside = i < n
    a = tl.load(x + i, mask=inside, other=1)
    quotient, rest = a // 7, a % 7
    wrapped = a * 1103515245 + 12345
    low = (wrapped >> 16) & 0x7FFF
    mixed = tl.where((a > 0) & (rest != 0) | (low < 1000), quotient ^ low, -a)
    scaled = tl.sqrt(tl.abs(mixed.to(tl.float32))) + tl.exp2(-rest.to(tl.float32))
    half = scaled.to(tl.float16) * 1.5
    clipped = tl.minimum(tl.maximum(half.to(tl.float32), 2.0), 900.0)
    result = clipped + tl.floor(scaled) + (mixed.to(tl.int8)).to(tl.float32)
    tl.store(out + i, result, mask=inside)


def mixed(x):
    out = torch.empty(x.numel(), dtype=torch.float32)
    mixed_kernel[(triton.cdiv(x.numel(), 64),)](x, out, x.numel(), BLOCK=64)
    return out
