"""Kernels that go through Triton's operations, for both engines to agree on."""

import torch
import triton
import triton.language as tl


@triton.jit
def shapes_kernel(x, out, W: tl.constexpr):
    i, j = tl.arange(0, W)[:, None], tl.arange(0, W)[None, :]
    values = tl.load(x + i * W + j)
    turned = tl.trans(values) + tl.reshape(values, (W // 2, W * 2)).reshape(W, W)
    joined = tl.join(values, turned)
    first, second = tl.split(tl.permute(joined, (1, 0, 2)))
    wide = tl.cat(tl.ravel(first), tl.ravel(second), can_reorder=True)
    total = first + second * 2 + tl.sum(wide)
    total += tl.broadcast_to(tl.max(values, 0)[None, :], (W, W))
    tl.store(out + i * W + j, total)


@triton.jit
def reductions_kernel(x, out, W: tl.constexpr):
    i, j = tl.arange(0, W)[:, None], tl.arange(0, W)[None, :]
    values = tl.load(x + i * W + j)
    rows = tl.sum(values, 1) + tl.min(values, 1) + tl.argmin(values, 1).to(tl.float32)
    columns = tl.max(values, 0) - tl.argmax(values, 0)
    both = rows[:, None] + columns[None, :]
    both += tl.cumsum(values, 0) + tl.cumsum(values, 1, reverse=True) * 0.5
    best, where = tl.max(values, 1, return_indices=True)
    both += (best * where)[:, None] + tl.xor_sum(where, 0)
    tl.store(out + i * W + j, both + tl.cumprod(tl.sigmoid(values), 1))


@triton.jit
def _larger_of_scaled(a, b):
    return tl.maximum(a, b * 0.5)


@triton.jit
def own_reduction_kernel(x, out, W: tl.constexpr):
    values = tl.load(x + tl.arange(0, W))
    tl.store(out, tl.reduce(values, 0, _larger_of_scaled))
    scanned = tl.associative_scan(values, 0, _larger_of_scaled)
    tl.store(out + 1 + tl.arange(0, W), scanned)


@triton.jit
def math_kernel(x, out, W: tl.constexpr):
    i = tl.arange(0, W)
    v = tl.load(x + i)
    a = tl.exp(v) + tl.log(tl.abs(v) + 1) + tl.sin(v) * tl.cos(v) + tl.rsqrt(v * v + 1)
    a += tl.erf(v) + tl.floor(v) - tl.ceil(v * 2) + tl.exp2(v) + tl.log2(v * v + 1)
    a += tl.fma(v, v, 1.0) + tl.clamp(v, -0.5, 0.5) + tl.sqrt_rn(v * v) + tl.div_rn(v, 3.0)
    a += tl.where((v > 0) | (v < -1), v, -v) + tl.minimum(v, 0.25) + tl.softmax(v)
    tl.store(out + i, a)


@triton.jit
def integers_kernel(x, out, n, W: tl.constexpr):
    i = tl.program_id(0) * W + tl.arange(0, W)
    v = tl.load(x + i, mask=i < n, other=-7)
    a = v // 3 + v % 5 + (v << 3) + (v >> 2) + (v & 12) - (v | 3) + (v ^ 9) + ~v + tl.abs(v)
    narrow = v.to(tl.int8).to(tl.int32) + v.to(tl.int16).to(tl.int32) + v.to(tl.uint8).to(tl.int32)
    unsigned = v.to(tl.uint32)
    b = (unsigned // 7).to(tl.int32) + (unsigned >> 28).to(tl.int32) + (unsigned % 11).to(tl.int32)
    big = v.to(tl.int64) * 3_000_000_019
    high = tl.umulhi(unsigned, unsigned).to(tl.int32)
    c = (big >> 20).to(tl.int32) + (big % 1000).to(tl.int32) + high
    small = tl.minimum(tl.maximum(v, -100), 100) + tl.cdiv(tl.maximum(v, 0), 16)
    odd = (v % 2 != 0).to(tl.int32) + (unsigned > 2_000_000_000).to(tl.int32)
    tl.store(out + i, a + narrow + b + c + small + odd * tl.num_programs(0), mask=i < n)


@triton.jit
def half_kernel(x, out, W: tl.constexpr):
    i, j = tl.arange(0, W)[:, None], tl.arange(0, W)[None, :]
    v = tl.load(x + i * W + j)
    a = v * 3 + v / 7 - (v + 1) * 0.1
    a = tl.where(v > 0, a, -a) + tl.sum(v, 1)[:, None] + tl.max(v, 0)[None, :]
    b = tl.dot(v, tl.trans(v)).to(v.dtype) + tl.maximum(v, a)
    tl.store(out + i * W + j, b + tl.abs(v) + (v * 4).to(tl.int32))


@triton.jit
def batched_dot_kernel(x, out, W: tl.constexpr):
    b = tl.arange(0, 2)[:, None, None]
    i, j = tl.arange(0, W)[None, :, None], tl.arange(0, W)[None, None, :]
    place = b * W * W + i * W + j
    v = tl.load(x + place)
    tl.store(out + place, tl.dot(v, v, input_precision="ieee"))


@triton.jit
def int8_dot_kernel(x, out, W: tl.constexpr):
    i, j = tl.arange(0, W)[:, None], tl.arange(0, W)[None, :]
    v = tl.load(x + i * W + j)
    tl.store(out + i * W + j, tl.dot(v, v, out_dtype=tl.int32))


@triton.jit
def atomics_kernel(x, sums, extremes, bits, lock, W: tl.constexpr):
    i = tl.program_id(0) * W + tl.arange(0, W)
    v = tl.load(x + i)
    before = tl.atomic_add(sums + i % 4, v.to(tl.float32), mask=i % 3 != 0)
    tl.atomic_max(extremes + i % 2, v)
    tl.atomic_min(extremes + 2 + i % 2, v)
    tl.atomic_or(bits + i * 0, 1 << (i % 8))
    tl.atomic_xor(bits + 1 + i * 0, v)
    tl.atomic_and(bits + 2 + i * 0, v | 1)
    old = tl.atomic_cas(lock, 0, tl.program_id(0) + 1)
    tl.atomic_xchg(lock + 1, old + tl.sum((before * 0).to(tl.int32)))


@triton.jit
def control_kernel(x, out, n, flag: tl.constexpr, W: tl.constexpr):
    i = tl.arange(0, W)
    total = tl.zeros([W], tl.int32)
    first = tl.zeros([W], tl.int32) + 1
    count = 0
    for a in tl.static_range(3):
        total += a * i
    for a in range(n):
        if a % 2 == 0:
            if a > 3:
                total += i * a
            else:
                total -= a
        elif flag:
            total, first = first, total
        count += 1
    for a in range(n, 0, -2):
        total += a
    while count > 2 and count < 100:
        total = total + count
        count -= 3
    pointer = x + i
    for _ in range(2):
        total += tl.load(pointer)
        pointer += W
    tl.store(out + i, total + first * count)


@triton.jit
def sorting_kernel(x, out, W: tl.constexpr):
    i = tl.arange(0, W)
    v = tl.load(x + i)
    tl.store(out + i, tl.sort(v) + tl.flip(v, 0) * 0.5 + tl.gather(v, (i * 7) % W, 0))


def _like(x, kernel, *args, **named):
    out = torch.empty_like(x)
    kernel[(1,)](x, out, *args, **named)
    return out


def shapes():
    return _like(torch.randn(16, 16), shapes_kernel, W=16)


def reductions():
    return _like(torch.randn(16, 16), reductions_kernel, W=16)


def own_reduction():
    out = torch.empty(33)
    own_reduction_kernel[(1,)](torch.randn(32).abs(), out, W=32)
    return out


def mathematics():
    return _like(torch.randn(64), math_kernel, W=64)


def integers():
    x = torch.randint(-(2**31), 2**31, (100,)).int()
    x[:5] = torch.tensor([0, 1, -1, 2**31 - 1, -(2**31) + 1])
    out = torch.empty_like(x)
    integers_kernel[(4,)](x, out, 100, W=32)
    return out


def half(dtype):
    return _like(torch.randn(16, 16).to(dtype), half_kernel, W=16)


def batched_dot():
    return _like(torch.randn(2, 16, 16), batched_dot_kernel, W=16)


def int8_dot():
    out = torch.empty(32, 32, dtype=torch.int32)
    int8_dot_kernel[(1,)](torch.randint(-128, 128, (32, 32)).to(torch.int8), out, W=32)
    return out


def atomics():
    sums, lock = torch.zeros(4), torch.zeros(2, dtype=torch.int32)
    extremes = torch.tensor([-999, -999, 999, 999], dtype=torch.int32)
    bits = torch.tensor([0, 0, -1], dtype=torch.int32)
    atomics_kernel[(3,)](torch.arange(-20, 28).int(), sums, extremes, bits, lock, W=16)
    return torch.cat([sums, extremes.float(), bits.float(), lock.float()])


def control(n, flag):
    out = torch.empty(16, dtype=torch.int32)
    control_kernel[(1,)](torch.arange(32).int(), out, n, flag=flag, W=16)
    return out


def sorting():
    return _like(torch.randn(32), sorting_kernel, W=32)
