"""Reading what Triton's front end prints."""

from __future__ import annotations

import pytest

from kernel_lanes.fast.ir import Type, Unsupported, reachable
from kernel_lanes.fast.parse import parse
from kernel_lanes.fast.places import Places, cut
from kernel_lanes.fast.types import parse_type, parse_types

TEXT = """
#loc = loc("/home/a (b)/kernel.py":8:0)
#loc9 = loc("x"(#loc))
module {
  tt.func public @kernel(%x: !tt.ptr<f16> {tt.d = 16 : i32} loc("x"(#loc)), %n: i32 loc("n")) {
    %z = arith.constant 0 : i32 loc(#loc1)
    %true = arith.constant true loc(#loc1)
    %0 = arith.cmpi slt, %n, %z : i32 loc(#loc2)
    cf.cond_br %0, ^bb1, ^bb2(%n : i32) loc(#loc2)
  ^bb1:  // pred: ^bb0
    tt.return loc(#loc2)
  ^bb2(%m: i32 loc("m")):  // pred: ^bb0
    %1 = tt.splat %x : !tt.ptr<f16> -> tensor<4x8x!tt.ptr<f16>> loc(#loc3)
    %2 = tt.load %1 : tensor<4x8x!tt.ptr<f16>> loc(#loc9)
    %3:2 = scf.for %i = %z to %m step %n iter_args(%a = %2, %b = %z) -> (tensor<4x8xf16>, i32) {
      %5 = tt.call @helper(%b) : (i32) -> i32 loc(#loc3)
      scf.yield %a, %5 : tensor<4x8xf16>, i32 loc(#loc3)
    } loc(#loc3)
    %4 = "tt.reduce"(%3#0) <{axis = 1 : i32}> ({
    ^bb0(%p: f16 loc(unknown), %q: f16 loc(unknown)):
      %6 = arith.addf %p, %q : f16 loc(#loc3)
      tt.reduce.return %6 : f16 loc(#loc3)
    }) : (tensor<4x8xf16>) -> tensor<4xf16> loc(#loc3)
    tt.return loc(#loc3)
  ^bb3:  // no predecessors
    tt.return loc(#loc3)
  } loc(#loc)
  tt.func private @helper(%v: i32 loc("v"(#loc))) -> i32 attributes {noinline = false} {
    tt.return %v : i32 loc(#loc3)
  } loc(#loc)
} loc(#loc)
#loc1 = loc("/home/a (b)/kernel.py":9:4)
#loc2 = loc("/home/a (b)/kernel.py":10:7)
#loc3 = loc("/home/a (b)/kernel.py":12:4)
"""


def test_parameters_have_names_and_types() -> None:
    kernel = parse(TEXT).kernel
    assert kernel.parameters == (("%x", Type("ptr", None, "f16")), ("%n", Type("i32")))


def test_functions_are_found_by_name() -> None:
    module = parse(TEXT)
    assert set(module.functions) == {"kernel", "helper"}
    assert module.kernel.name == "kernel"


def test_blocks_that_nothing_leads_to_are_left_out() -> None:
    body = parse(TEXT).kernel.body
    assert [block.label for block in body.blocks] == ["^bb0", "^bb1", "^bb2", "^bb3"]
    assert [block.label for block in reachable(body)] == ["^bb0", "^bb1", "^bb2"]


def test_a_branch_names_its_targets_and_what_they_are_given() -> None:
    branch = parse(TEXT).kernel.body.blocks[0].ops[-1]
    assert branch.operands == ("%0",)
    assert branch.successors == (("^bb1", ()), ("^bb2", ("%n",)))


def test_operations_have_results_operands_and_types() -> None:
    zero, true, less, _ = parse(TEXT).kernel.body.blocks[0].ops
    assert (zero.name, zero.results, zero.text) == ("arith.constant", ("%z",), "0")
    assert true.result_types == (Type("i1"),)
    assert (less.operands, less.result_types) == (("%n", "%z"), (Type("i1"),))
    splat, load, *_ = parse(TEXT).kernel.body.blocks[2].ops
    assert splat.result_types == (Type("ptr", (4, 8), "f16"),)
    assert load.result_types == (Type("f16", (4, 8)),)


def test_a_loop_has_a_region_and_several_results() -> None:
    loop = parse(TEXT).kernel.body.blocks[2].ops[2]
    assert loop.results == ("%3#0", "%3#1")
    assert loop.result_types == (Type("f16", (4, 8)), Type("i32"))
    assert loop.operands == ("%i", "%z", "%m", "%n", "%a", "%2", "%b", "%z")
    assert [op.name for op in loop.regions[0].blocks[0].ops] == ["tt.call", "scf.yield"]


def test_a_reduction_has_its_region_s_parameters() -> None:
    reduction = parse(TEXT).kernel.body.blocks[2].ops[3]
    assert reduction.operands == ("%3#0",)
    assert reduction.result_types == (Type("f16", (4,)),)
    assert [name for name, _ in reduction.regions[0].blocks[0].parameters] == ["%p", "%q"]


def test_places_are_files_and_lines_of_the_source() -> None:
    blocks = parse(TEXT).kernel.body.blocks
    assert [op.place for op in blocks[0].ops] == [
        "kernel.py:9",
        "kernel.py:9",
        *["kernel.py:10"] * 2,
    ]
    assert blocks[2].ops[1].place == "kernel.py:8"  # a named place leads to its own


def test_places_are_cut_out_wherever_they_stand() -> None:
    line, place = cut('%a = f(%b loc("x"("f (1).py":1:2))) : i32 loc(#loc7)')
    assert (line, place) == ("%a = f(%b) : i32", "#loc7")
    assert Places("").resolve("unknown") == ""


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("f32", Type("f32")),
        ("!tt.ptr<bf16>", Type("ptr", None, "bf16")),
        ("!tt.ptr<i8, 1>", Type("ptr", None, "i8")),
        ("tensor<i32>", Type("i32", ())),
        ("tensor<4x1x!tt.ptr<f64>>", Type("ptr", (4, 1), "f64")),
    ],
)
def test_types_are_read(text: str, kind: Type) -> None:
    assert parse_type(text) == kind


def test_types_are_split_at_their_own_commas() -> None:
    assert parse_types("(!tt.ptr<i32, 1>, tensor<2x2xf16>)") == (
        Type("ptr", None, "i32"),
        Type("f16", (2, 2)),
    )


@pytest.mark.parametrize("text", ["f8E4M3FN", "!tt.tensordesc<16x16xf16>", "tensor<2xf8E5M2>"])
def test_types_without_a_translation_are_refused(text: str) -> None:
    with pytest.raises(Unsupported):
        parse_type(text)


def test_what_is_refused_is_told_with_its_place() -> None:
    text = TEXT.replace("arith.constant 0 : i32", "arith.constant 0 : f8E5M2")
    with pytest.raises(Unsupported, match=r"kernel.py:9: the C lane does not translate the type"):
        parse(text)


def test_a_module_without_a_kernel_is_refused() -> None:
    with pytest.raises(Unsupported):
        parse("module {\n}")
