"""Occupancy, minimum and comparison: worked out by hand."""

from __future__ import annotations

import subprocess
import sys

import pytest

from kernel_lanes.facts import KernelFacts
from kernel_lanes.machine_code import count_opcodes, summary
from kernel_lanes.occupancy import machines, occupancy
from kernel_lanes.record import ArrayTraffic, LaunchRecord, Record
from kernel_lanes.shapes import SERVING, PagedShape, decode
from kernel_lanes.traffic import compare, minimum
from tests.kernels.child import ROOT

PURE = ("record", "facts", "occupancy", "shapes", "traffic", "report.findings", "report.page")


def test_what_the_judge_needs_imports_neither_torch_nor_triton() -> None:
    names = ", ".join(f"kernel_lanes.{name}" for name in PURE)
    code = f"import sys, {names}; print(sorted({{'torch', 'triton', 'numpy'}} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert (done.stdout.strip(), done.stderr) == ("[]", "")


A100, H100 = machines()["sm_80"], machines()["sm_90"]


@pytest.mark.parametrize(
    ("registers", "warps", "shared", "programs", "limit"),
    [
        (24, 4, 0, 16, "warps"),  # 64 warps of an SM by 4
        (64, 4, 0, 8, "registers"),  # 65536 by 64 × 128
        (65, 4, 0, 7, "registers"),  # a warp gets 72 × 32
        (255, 4, 0, 2, "registers"),
        (32, 1, 0, 32, "programs"),
        (32, 4, 48 * 1024, 3, "shared memory"),  # 164 KB by 49
        (32, 4, 163 * 1024, 1, "shared memory"),
        (32, 4, 163 * 1024 + 1, 0, "shared memory"),
    ],
)
def test_programs_of_an_sm_are_bound_by_what_runs_out_first(
    registers: int, warps: int, shared: int, programs: int, limit: str
) -> None:
    facts = KernelFacts("k", "sm_80", (1, 1, 1), warps, registers=registers, shared=shared)
    found = occupancy(facts, A100)
    assert (found.programs_per_sm, found.limited_by) == (programs, limit)


def test_a_launch_fills_a_machine_by_its_programs() -> None:
    few = occupancy(KernelFacts("k", "sm_80", (8, 1, 1), 4, registers=64), A100)
    assert few.busy_sms == 8 and few.fill == few.waves == 8 / (8 * 108)
    many = occupancy(KernelFacts("k", "sm_90", (64, 32, 2), 4, registers=64), H100)
    assert many.fill == 1 and many.waves == 4096 / (8 * 132) and many.busy_sms == 132


SHAPE = PagedShape("two", ((1, 17), (2, 3)), heads=4, kv_heads=2, head_size=8, dtype="float32")


def test_the_minimum_reads_everything_that_is_needed_once() -> None:
    least = minimum(SHAPE)
    assert least.loads == {
        "query": 3 * 4 * 8 * 4,
        "key_cache": 20 * 2 * 8 * 4,
        "value_cache": 20 * 2 * 8 * 4,
        "block_table": (2 + 1) * 4,
        "seq_lens": 8,
        "query_start_loc": 12,
    }
    assert least.stores == {"output": 3 * 4 * 8 * 4}
    assert SHAPE.scores == 17 + 2 + 3
    assert least.dot_flops == 4 * 22 * 4 * 8
    assert least.moved == sum(least.loads.values()) + 384


def test_a_decode_step_reads_its_whole_cache() -> None:
    least = minimum(SERVING[0])
    assert least.loads["key_cache"] == 64 * 8192 * 8 * 128 * 2
    assert least.dot_flops == 4 * 64 * 8192 * 32 * 128


def run_of(**arrays: ArrayTraffic) -> Record:
    return Record((LaunchRecord("k", (4, 1, 1), arrays, 8 * 22 * 4 * 8, 1280),), None, {})


def test_a_run_is_compared_by_array_and_as_a_whole() -> None:
    record = run_of(
        key_cache=ArrayTraffic(1280 * 2, 80, 40),
        value_cache=ArrayTraffic(1280 * 2, 80, 40),
        scratch=ArrayTraffic(0, 0, 0, 32, 1),
        output=ArrayTraffic(0, 0, 0, 384, 12),
    )
    found = compare(record, minimum(SHAPE))
    lines = {one.name: one for one in found.lines}
    assert lines["key_cache"].ratio == 2 and lines["key_cache"].loaded == 2560
    assert lines["output"].ratio == 1 and lines["output"].stored == 384
    assert lines["scratch"].least == 0 and lines["scratch"].ratio == 0
    assert found.moved == 2 * 2560 + 384 + 32
    assert (found.cache_ratio, found.flops_ratio, found.launches) == (2, 2, 1)
    assert found.imbalance == 1280 * 4 / 5120
    assert found.ratio == found.moved / minimum(SHAPE).moved


def test_a_run_without_launches_compares_to_nothing() -> None:
    found = compare(Record((), None, {}), minimum(decode("d", 1, 5)))
    assert (found.moved, found.lines, found.imbalance) == (0, (), 0)


SASS = """
        /*0000*/                   MOV R1, c[0x0][0x28] ;
        /*0010*/              @!P0 LDG.E.128.CONSTANT R4, [R2.64] ;
        /*0020*/                   LDG.E R5, [R2.64] ;
        /*0030*/             @!PT  LDGSTS.E.BYPASS.128 [R1], [R2.64], P1 ;
        /*0040*/                   HMMA.16816.F32 R4, R4, R8, RZ ;
        /*0050*/                   BAR.SYNC.DEFER_BLOCKING 0x0 ;
        /*0060*/              @P1  STG.E.U16 [R2.64], R4 ;
"""


def test_instructions_are_told_apart_by_their_names_and_widths() -> None:
    assert summary(count_opcodes(SASS)) == {
        "tensor_core": 1, "loads_wide": 2, "loads_narrow": 1, "async_copies": 1,
        "stores_wide": 0, "stores_narrow": 1, "barriers": 1, "instructions": 7,
    }  # fmt: skip
