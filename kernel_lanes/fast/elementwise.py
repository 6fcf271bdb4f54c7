"""Operations that work lane by lane, as C expressions of their operands."""

from __future__ import annotations

from kernel_lanes.fast.ir import FLOATS, SIZES, Op, Type
from kernel_lanes.fast.values import C_TYPES, of_element

UNSIGNED = {"i1": "uint8_t", "i8": "uint8_t", "i16": "uint16_t", "i32": "uint32_t"}

INFIX = {
    "arith.addi": "+", "arith.subi": "-", "arith.muli": "*", "arith.andi": "&", "arith.ori": "|",
    "arith.xori": "^", "arith.shli": "<<", "arith.shrsi": ">>", "arith.addf": "+",
    "arith.subf": "-", "arith.mulf": "*", "arith.divf": "/", "tt.precise_divf": "/",
}  # fmt: skip
FLOAT_PAIRS = {
    "arith.maxnumf": "maxnum", "arith.minnumf": "minnum", "arith.maximumf": "maximum",
    "arith.minimumf": "minimum", "arith.remf": "fmod",
}  # fmt: skip
FLOAT_CALLS = {
    "math.exp": "exp", "math.exp2": "exp2", "math.log": "log", "math.log2": "log2",
    "math.sqrt": "sqrt", "tt.precise_sqrt": "sqrt", "math.sin": "sin", "math.cos": "cos",
    "math.absf": "fabs", "math.floor": "floor", "math.ceil": "ceil", "math.erf": "erf",
    "math.tanh": "tanh", "math.fma": "fma",
}  # fmt: skip
CASTS = (
    "arith.extsi", "arith.extui", "arith.trunci", "arith.sitofp", "arith.uitofp", "arith.fptosi",
    "arith.fptoui", "arith.extf", "arith.truncf", "tt.fp_to_fp", "arith.index_cast",
)  # fmt: skip
BITCASTS = ("arith.bitcast", "tt.bitcast", "tt.ptr_to_int", "tt.int_to_ptr")
COMPARISONS = {
    "eq": "==", "ne": "!=", "slt": "<", "sle": "<=", "sgt": ">", "sge": ">=", "ult": "<",
    "ule": "<=", "ugt": ">", "uge": ">=",
}  # fmt: skip
OTHERS = (
    "arith.cmpi", "arith.cmpf", "arith.select", "arith.negf", "math.rsqrt", "tt.clampf",
    "tt.mulhiui", "tt.addptr",
)  # fmt: skip


def expression(op: Op, operands: list[str], kinds: list[Type], result: Type) -> str:
    """The C expression of one lane.

    Args:
        op: one of OPERATIONS.
        operands: C expressions of the operands' lanes.
        kinds: their types.
        result: the type of the result.
    """
    name, a = op.name, operands[0]
    element = result.element
    if name in CASTS:
        return _cast(name, a, kinds[0].element, element)
    if name in BITCASTS:
        return _bitcast(a, kinds[0].element, element)
    if name == "arith.cmpi":
        return _compare_integers(op.text.split()[0].rstrip(","), operands, kinds[0].element)
    if name == "arith.cmpf":
        return _compare_floats(op.text.split()[0].rstrip(","), *operands)
    if name == "arith.select":
        return f"({a} ? {operands[1]} : {operands[2]})"
    if name == "tt.addptr":
        return f"({a} + (uint64_t)(int64_t)({operands[1]}) * {SIZES[kinds[0].pointee]})"
    if element in FLOATS:
        return of_element(element, _float(op, operands, "" if element == "f64" else "f"))
    return of_element(element, _integer(name, operands, element))


def _float(op: Op, operands: list[str], suffix: str) -> str:
    name, a = op.name, operands[0]
    if name in INFIX:
        return f"{a} {INFIX[name]} {operands[1]}"
    if name in FLOAT_PAIRS:
        return f"{FLOAT_PAIRS[name]}{suffix}({a}, {operands[1]})"
    if name in FLOAT_CALLS:
        return f"{FLOAT_CALLS[name]}{suffix}({', '.join(operands)})"
    if name == "tt.clampf":
        kept = "maximum" if "all" in op.text else "maxnum"
        return f"minnum{suffix}({kept}{suffix}({a}, {operands[1]}), {operands[2]})"
    if name == "math.rsqrt":
        return f"1 / sqrt{suffix}({a})"
    return f"-({a})"  # arith.negf


INTEGER_FORMS = {
    "arith.divui": "div_u({ua}, {ub})",
    "arith.remui": "rem_u({ua}, {ub})",
    "arith.ceildivsi": "-div_s(-(int64_t)({a}), {b})",  # as cdiv uses it: of positive numbers
    "arith.floordivsi": "floor_div({a}, {b})",
    "arith.shrui": "{ua} >> {b}",
    "arith.divsi": "div_s{width}({a}, {b})",
    "arith.remsi": "rem_s{width}({a}, {b})",
    "arith.maxsi": "max_{signed}({a}, {b})",
    "arith.minsi": "min_{signed}({a}, {b})",
    "arith.maxui": "max_{unsigned}({ua}, {ub})",
    "arith.minui": "min_{unsigned}({ua}, {ub})",
    "math.absi": "abs_{signed}({a})",
}


def _integer(name: str, operands: list[str], element: str) -> str:
    a, b = operands[0], operands[-1]
    unsigned = UNSIGNED.get(element, "uint64_t")
    ua, ub = f"({unsigned})({a})", f"({unsigned})({b})"
    if name in INTEGER_FORMS:
        width = "32" if SIZES[element] <= 4 else ""
        names = {"width": width, "signed": C_TYPES[element], "unsigned": unsigned}
        return INTEGER_FORMS[name].format(a=a, b=b, ua=ua, ub=ub, **names)
    if name == "tt.mulhiui":
        wide = "unsigned __int128" if SIZES[element] == 8 else "uint64_t"
        return f"(({wide}){ua} * {ub}) >> {8 * SIZES[element]}"
    text = f"({a} {INFIX[name]} {b})"
    return f"{text} & 1" if element == "i1" else text


def _cast(name: str, a: str, source: str, target: str) -> str:
    if name in ("arith.extui", "arith.uitofp") and source in UNSIGNED:
        a = f"({UNSIGNED[source]})({a})"
    elif name in ("arith.extui", "arith.uitofp"):
        a = f"(uint64_t)({a})"
    elif name in ("arith.extsi", "arith.sitofp") and source == "i1":
        a = f"-(int32_t)({a})"
    elif name == "arith.fptoui":
        a = f"({UNSIGNED.get(target, 'uint64_t')})({a})"
    if target == "i1":
        a = f"({a}) & 1"
    return of_element(target, a)


def _bitcast(a: str, source: str, target: str) -> str:
    if C_TYPES[source] == C_TYPES[target] and (source in FLOATS) == (target in FLOATS):
        same_format = source == target or source not in ("f16", "bf16", "f32")
        if same_format:
            return a
    bits = {
        "f16": f"narrow_f16({a})", "bf16": f"narrow_bf16({a})", "f32": f"bits_of_float({a})",
        "f64": f"bits_of_double({a})",
    }.get(source, a)  # fmt: skip
    return {
        "f16": f"widen_f16({bits})", "bf16": f"widen_bf16({bits})",
        "f32": f"float_of_bits({bits})", "f64": f"double_of_bits({bits})",
    }.get(target, of_element(target, bits) if target not in FLOATS else bits)  # fmt: skip


def _compare_integers(predicate: str, operands: list[str], element: str) -> str:
    a, b = operands
    if predicate.startswith("u"):
        unsigned = UNSIGNED.get(element, "uint64_t")
        a, b = f"({unsigned})({a})", f"({unsigned})({b})"
    return f"((uint8_t)({a} {COMPARISONS[predicate]} {b}))"


def _compare_floats(predicate: str, a: str, b: str) -> str:
    """Ordered predicates are false where a NaN is, unordered ones true."""
    signs = {"eq": "==", "lt": "<", "le": "<=", "gt": ">", "ge": ">="}
    opposite = {"lt": ">=", "le": ">", "gt": "<=", "ge": "<"}
    kind, name = predicate[0], predicate[1:]
    text = {
        "ord": f"is_ordered({a}, {b})",
        "uno": f"!is_ordered({a}, {b})",
        "one": f"differs({a}, {b})",
        "ueq": f"!differs({a}, {b})",
        "une": f"{a} != {b}",
    }.get(predicate)
    if text is None:
        text = f"{a} {signs[name]} {b}" if kind == "o" else f"!({a} {opposite[name]} {b})"
    return f"((uint8_t)({text}))"


OPERATIONS = frozenset(
    (*INFIX, *INTEGER_FORMS, *FLOAT_PAIRS, *FLOAT_CALLS, *CASTS, *BITCASTS, *OTHERS)
)
"""All that `expression` translates."""
