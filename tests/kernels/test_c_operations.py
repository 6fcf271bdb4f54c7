"""Single operations in C against torch and plain Python, at the values where they go wrong."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path

import pytest
import torch

from kernel_lanes.fast import build
from kernel_lanes.fast.ir import Unsupported
from kernel_lanes.fast.translate import translate
from tests.kernels.c_programs import SOURCE, TORCH, elementwise, run

pytestmark = pytest.mark.skipif(not build.compiler(), reason="there is no C compiler")


@pytest.fixture(autouse=True)
def _quickly_built(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is run here is small: building it is what takes time."""
    flags = [flag for flag in build.FLAGS if flag not in ("-O2", "-ftree-vectorize")]
    monkeypatch.setattr(build, "FLAGS", (*flags, "-O0"))


LOW, HIGH = -(2**31), 2**31 - 1
A = torch.tensor([7, -7, 0, HIGH, LOW, 1, -1, 123_456_789], dtype=torch.int32)
B = torch.tensor([3, 3, -5, 2, 7, -1, 31, 1000], dtype=torch.int32)
NAN, INF = math.nan, math.inf
X = torch.tensor([1.5, -0.25, NAN, INF, -INF, 0.0, 1e-40, 3e38])
Y = torch.tensor([2.5, NAN, 1.0, -INF, -INF, -0.0, 1e-40, 2.0])


def unsigned(number: int) -> int:
    return number & 0xFFFFFFFF


def signed(number: int) -> int:
    return (number & 0xFFFFFFFF) - (1 << 32) * (number >> 31 & 1)


def quotient(a: int, b: int) -> int:
    """C's: towards zero."""
    return abs(a) // abs(b) * (1 if (a < 0) == (b < 0) else -1)


@pytest.mark.parametrize(
    ("name", "meaning"),
    [
        ("addi", lambda a, b: a + b),
        ("subi", lambda a, b: a - b),
        ("muli", lambda a, b: a * b),
        ("divsi", quotient),
        ("remsi", lambda a, b: a - quotient(a, b) * b),
        ("divui", lambda a, b: unsigned(a) // unsigned(b)),
        ("remui", lambda a, b: unsigned(a) % unsigned(b)),
        ("andi", lambda a, b: a & b),
        ("ori", lambda a, b: a | b),
        ("xori", lambda a, b: a ^ b),
        ("maxsi", max),
        ("minsi", min),
        ("maxui", lambda a, b: max(unsigned(a), unsigned(b))),
        ("minui", lambda a, b: min(unsigned(a), unsigned(b))),
        ("floordivsi", lambda a, b: a // b),
    ],
)
def test_integers_wrap_and_divide_as_in_c(
    name: str, meaning: Callable[[int, int], int], tmp_path: Path
) -> None:
    found = elementwise(
        f"arith.{name} %0, %1 : {{0}}", ("i32", "i32"), "i32", A, B, folder=tmp_path
    )
    wanted = [signed(meaning(a, b)) for a, b in zip(A.tolist(), B.tolist(), strict=True)]
    assert found.tolist() == wanted


def test_division_by_zero_does_not_end_the_process(tmp_path: Path) -> None:
    zero = torch.zeros(8, dtype=torch.int32)
    for name in ("divsi", "remsi", "divui", "remui"):
        elementwise(f"arith.{name} %0, %1 : {{0}}", ("i32", "i32"), "i32", A, zero, folder=tmp_path)


def test_shifts_keep_or_drop_the_sign(tmp_path: Path) -> None:
    by = torch.full((8,), 4, dtype=torch.int32)
    kept, dropped = (
        elementwise(f"arith.{name} %0, %1 : {{0}}", ("i32", "i32"), "i32", A, by, folder=tmp_path)
        for name in ("shrsi", "shrui")
    )
    assert kept.tolist() == [a >> 4 for a in A.tolist()]
    assert dropped.tolist() == [signed(unsigned(a) >> 4) for a in A.tolist()]


@pytest.mark.parametrize(
    ("predicate", "meaning"),
    [
        ("oeq", lambda a, b: a == b),
        ("one", lambda a, b: a < b or a > b),
        ("olt", lambda a, b: a < b),
        ("oge", lambda a, b: a >= b),
        ("une", lambda a, b: a != b),
        ("ueq", lambda a, b: not (a < b or a > b)),
        ("ult", lambda a, b: not a >= b),
        ("ule", lambda a, b: not a > b),
        ("ugt", lambda a, b: not a <= b),
        ("uge", lambda a, b: not a < b),
        ("ord", lambda a, b: a == a and b == b),
        ("uno", lambda a, b: a != a or b != b),
    ],
)
def test_comparisons_know_what_a_nan_is(
    predicate: str, meaning: Callable[[float, float], bool], tmp_path: Path
) -> None:
    text = f"arith.cmpf {predicate}, %0, %1 : {{0}}"
    found = elementwise(text, ("f32", "f32"), "i1", X, Y, folder=tmp_path)
    wanted = [meaning(a, b) for a, b in zip(X.tolist(), Y.tolist(), strict=True)]
    assert found.tolist() == wanted


@pytest.mark.parametrize(
    ("name", "wanted"),
    [("maxnumf", torch.fmax), ("maximumf", torch.maximum), ("minnumf", torch.fmin)],
)
def test_maximum_ignores_a_nan_or_passes_it_on(
    name: str, wanted: Callable[[torch.Tensor, torch.Tensor], torch.Tensor], tmp_path: Path
) -> None:
    found = elementwise(
        f"arith.{name} %0, %1 : {{0}}", ("f32", "f32"), "f32", X, Y, folder=tmp_path
    )
    assert torch.equal(found.nan_to_num(nan=9.0), wanted(X, Y).nan_to_num(nan=9.0))


@pytest.mark.parametrize("kind", ["f16", "bf16"])
@pytest.mark.parametrize("name", ["addf", "mulf", "divf", "subf"])
def test_half_precision_rounds_after_every_operation(kind: str, name: str, tmp_path: Path) -> None:
    a, b = torch.randn(8).to(TORCH[kind]), torch.randn(8).to(TORCH[kind])
    found = elementwise(f"arith.{name} %0, %1 : {{0}}", (kind, kind), kind, a, b, folder=tmp_path)
    function = {"addf": torch.add, "mulf": torch.mul, "divf": torch.div, "subf": torch.sub}[name]
    assert torch.equal(found, function(a.float(), b.float()).to(TORCH[kind]))


@pytest.mark.parametrize("kind", ["f16", "bf16"])
@pytest.mark.parametrize("software", [False, True])
def test_casts_round_to_nearest_even(
    kind: str, software: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ties, subnormals, overflow, NaN; with the processor's halves and without."""
    if software:
        monkeypatch.setattr(build, "FLAGS", (*build.FLAGS, "-U__FLT16_MAX__"))
    numbers = [1 + 2**-11, 1 + 3 * 2**-11, 65519.0, 65520.0, 3e-8, 6.1e-5, NAN, -1e-6, 2**-9 + 1,
               1 + 3 * 2**-9, 3.4e38, -INF, 0.0, -0.0, 5.96e-8, 1e-40]  # fmt: skip
    for start in (0, 8):
        x = torch.tensor(numbers[start : start + 8])
        text = "arith.truncf %0 : {0} to {result}"
        found = elementwise(text, ("f32",), kind, x, folder=tmp_path)
        wanted = x.to(TORCH[kind])
        assert found.view(torch.int16)[~x.isnan()].tolist() == (
            wanted.view(torch.int16)[~x.isnan()].tolist()
        )
        assert torch.equal(found.isnan(), x.isnan())
        back = elementwise(
            "arith.extf %0 : {0} to {result}", (kind,), "f32", wanted, folder=tmp_path
        )
        assert torch.equal(back.nan_to_num(nan=7.0), wanted.float().nan_to_num(nan=7.0))


@pytest.mark.parametrize(
    ("operation", "source", "target", "wanted"),
    [
        ("extsi", "i8", "i32", lambda t: t.to(torch.int32)),
        ("extui", "i8", "i32", lambda t: t.view(torch.uint8).to(torch.int32)),
        ("trunci", "i32", "i8", lambda t: t.to(torch.int8)),
        ("sitofp", "i32", "f32", lambda t: t.to(torch.float32)),
        ("uitofp", "i8", "f32", lambda t: t.view(torch.uint8).to(torch.float32)),
        ("extui", "i1", "i32", lambda t: t.to(torch.int32)),
        ("extsi", "i1", "i32", lambda t: -t.to(torch.int32)),
        ("fptosi", "f32", "i32", lambda t: t.to(torch.int32)),
        ("bitcast", "f32", "i32", lambda t: t.view(torch.int32)),
        ("bitcast", "i16", "bf16", lambda t: t.view(torch.bfloat16)),
    ],
)
def test_casts_widen_and_narrow_as_their_types_say(
    operation: str,
    source: str,
    target: str,
    wanted: Callable[[torch.Tensor], torch.Tensor],
    tmp_path: Path,
) -> None:
    given = {"f32": torch.tensor([1.9, -1.9, 0.0, 100.5, -7.0, 3.0, 2.5, -0.5]), "i32": A,
             "i8": torch.tensor([0, 1, -1, 127, -128, 5, -5, 64], dtype=torch.int8),
             "i16": torch.tensor([0, 16256, -16512, 1, 2, 3, 16000, 17000], dtype=torch.int16),
             "i1": A % 2 == 1}[source]  # fmt: skip
    text = f"arith.{operation} %0 : {{0}} to {{result}}"
    found = elementwise(text, (source,), target, given, folder=tmp_path)
    assert torch.equal(found, wanted(given))


FUNCTIONS = "exp exp2 log log2 sqrt sin cos erf floor ceil absf rsqrt tanh".split()


@pytest.mark.parametrize("name", FUNCTIONS)
def test_functions_are_those_of_their_names(name: str, tmp_path: Path) -> None:
    x = torch.tensor([0.1, 0.5, 1.0, 1.5, 2.0, 3.25, 10.0, 20.0])
    found = elementwise(f"math.{name} %0 : {{0}}", ("f32",), "f32", x, folder=tmp_path)
    function = getattr(torch, {"absf": "abs"}.get(name, name))
    assert torch.allclose(found, function(x), rtol=3e-7)


@pytest.mark.parametrize(
    ("written", "kind", "value"),
    [
        ("dense<0xFF800000>", "f32", -INF),
        ("dense<0x7FC00000>", "f32", NAN),
        ("dense<0x7C00>", "f16", INF),
        ("dense<0xFF80>", "bf16", -INF),
        ("dense<1.000000e-01>", "f32", 0.1),
        ("dense<-2147483648>", "i32", LOW),
        ("dense<true>", "i1", True),
    ],
)
def test_constants_are_read_as_they_are_printed(
    written: str, kind: str, value: float, tmp_path: Path
) -> None:
    unused = torch.zeros(8, dtype=torch.int32)
    text = f"arith.constant {written} : {{result}}"
    found = elementwise(text, ("i32",), kind, unused, folder=tmp_path)
    wanted = torch.full((8,), value, dtype=TORCH[kind])
    assert torch.equal(found, wanted) or (found.isnan().all() and wanted.isnan().all())


def test_values_that_trade_places_in_a_loop_do_so_at_once(tmp_path: Path) -> None:
    body = """
    %one = arith.constant 1 : i32
    %two = arith.constant 2 : i32
    %r:2 = scf.for %i = %one to %n step %one iter_args(%a = %one, %b = %two) -> (i32, i32)  : i32 {
      scf.yield %b, %a : i32, i32
    }
    tt.store %p, %r#0 : !tt.ptr<i32>
    """
    text = SOURCE.format(parameters="%p: !tt.ptr<i32>, %n: i32", body=body)
    out = torch.zeros(1, dtype=torch.int32)
    for times in (1, 2, 5):
        run(text, tmp_path, out, times)
        assert out.item() == (1 if (times - 1) % 2 == 0 else 2)


def test_what_has_no_translation_is_refused_by_name() -> None:
    body = "%0 = tt.histogram %p : !tt.ptr<i32> -> tensor<8xi32>"
    with pytest.raises(Unsupported, match=r"tt\.histogram"):
        translate(SOURCE.format(parameters="%p: !tt.ptr<i32>", body=body))


def test_a_kernel_is_built_once_for_each_text(tmp_path: Path) -> None:
    text = SOURCE.format(parameters="%p: !tt.ptr<i32>", body="")
    first = build.shared_object(translate(text).source, tmp_path)
    before = first.stat().st_mtime_ns
    assert build.shared_object(translate(text).source, tmp_path) == first
    assert first.stat().st_mtime_ns == before
    assert [one.name for one in tmp_path.iterdir()] == [first.name]


def test_a_compiler_that_fails_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(build.NoCompiler, match="refuses"):
        build.shared_object("this is no C", tmp_path)
    monkeypatch.setattr(build, "compiler", lambda: "")
    with pytest.raises(build.NoCompiler, match="no C compiler"):
        build.shared_object("int x;", tmp_path)
