"""What the judge asks of stage 4's operations: how a student reads them, and simpler forms."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace

from stage4.operations import HOW, batch_of, write_of

from autograder.paged_batch.scores import SoftmaxSpec
from autograder.paged_batch.spec import BatchSpec, WriteSpec
from autograder.program.model import Op
from autograder.protocol.plain import Json

METHODS = {
    "softmax": "update",
    "write": "write_kv_cache",
    "attend": "paged_attention",
    "misfit": "paged_attention",
}
"""The function of the submission that each operation exercises."""
KINDS_SAY = {
    "plain": "update(state, scores, values) for each tile, merge for parts, then finish",
    "large": "scores reach 10,000, of both signs",
    "masked": "whole tiles are masked for some rows, and all of them for the last one",
    "rising": "the scores of each tile lie above all before",
}
"""What a batch of scores is like."""
STOPPED = re.compile(r"program \(\d+, \d+, \d+\)")
FEW = 4
"""Numbers of a long list that are shown of a batch that cannot be pasted."""
IMPORTS = (
    "import kernel_lanes.interpret_mode  # kernels run in the interpreter",
    "from autograder.paged_batch.fold import fold",
    "from autograder.paged_batch.misfits import misfit_batch",
    "from autograder.paged_batch.tensors import attention_batch",
    "from autograder.paged_batch.tensors import write_batch",
    "from pagedlab import online_softmax",
    "from pagedlab.attention import paged_attention",
    "from pagedlab.kv_cache_write import write_kv_cache",
)


def to_python(op: Op) -> str:
    """The operation as a student reads it; batches can be pasted."""
    show = _shortened if op.args.get("as_c") else repr
    fields = ", ".join(f"{key}={show(value)}" for key, value in op.args.items() if key not in HOW)
    remarks = [f"programs run in order {op.args['order']}"] if "order" in op.args else []
    remarks += ["kernels do not run"] if op.args.get("run") is False else []
    remarks += ["caches beyond 2^31 elements"] if op.args.get("far") else []
    remarks += ["kernels run as C"] if op.args.get("as_c") else []
    remark = f"   # {', '.join(remarks)}" if remarks else ""
    if op.name == "softmax":
        return f"fold(online_softmax, {fields})   # {KINDS_SAY[str(op.args['kind'])]}"
    if op.name == "misfit":
        name = "paged_attention" if op.args["module"] == "attention" else "write_kv_cache"
        return f"{name}(**misfit_batch({fields}))"
    if op.name == "write":
        return f"write_kv_cache(**write_batch({fields})){remark}"
    return f"paged_attention(**attention_batch({fields})){remark}"


def _shortened(value: Json) -> str:
    """A large batch's list by its beginning: nobody pastes it, for nothing but C can run it."""
    if not isinstance(value, list) or len(value) <= FEW:
        return repr(value)
    return f"[{', '.join(map(repr, value[:FEW]))}, ... {len(value)} in all]"


def references(op: Op) -> Iterator[str]:
    """Operations name no earlier results."""
    return iter(())


def simpler(op: Op) -> Iterator[Op]:
    """Simpler forms of one operation, simplest first, for the shrinker: few, for each is run."""
    how = {key: op.args[key] for key in HOW if key in op.args}
    forms: Iterator[BatchSpec] | Iterator[WriteSpec] | Iterator[SoftmaxSpec] = iter(())
    if op.name == "attend":
        forms = (one for one in _simpler_batches(batch_of(op)) if one != batch_of(op))
    elif op.name == "write":
        forms = _simpler_writes(write_of(op))
    elif op.name == "softmax":
        forms = _simpler_tiles(SoftmaxSpec.from_json(op.args))
    for form in forms:
        yield Op(op.name, {**form.changed(), **how})


def _simpler_writes(spec: WriteSpec) -> Iterator[WriteSpec]:
    for index in range(len(spec.slots)):
        yield replace(spec, slots=spec.slots[:index] + spec.slots[index + 1 :])
    for plain in (replace(spec, layout="nhd"), replace(spec, fused_input=False)):
        if plain != spec:
            yield plain


def _simpler_tiles(spec: SoftmaxSpec) -> Iterator[SoftmaxSpec]:
    for fewer in (spec.tiles[:1], spec.tiles[:-1]):
        if 0 < len(fewer) < len(spec.tiles):
            yield replace(spec, tiles=fewer, parts=min(spec.parts, len(fewer)))


def _simpler_batches(batch: BatchSpec) -> Iterator[BatchSpec]:
    pairs = list(zip(batch.seq_lens, batch.query_lens, strict=True))
    for index in range(len(pairs)):
        if len(pairs) > 1:
            rest = pairs[:index] + pairs[index + 1 :]
            yield replace(
                batch, seq_lens=tuple(n for n, _ in rest), query_lens=tuple(n for _, n in rest)
            )
    plain = {"layout": "nhd", "table_step": 1, "padding": 0, "query_room": 0, "shared": 0}
    yield replace(batch, **plain)  # type: ignore[arg-type]
    if batch.num_kv_heads > 1:
        yield replace(batch, num_heads=batch.group, num_kv_heads=1)
    if batch.group > 1:
        yield replace(batch, num_heads=batch.num_kv_heads)
    if batch.dtype != "float32":
        yield replace(batch, dtype="float32")


def show_state(state: Mapping[str, Json]) -> list[str]:
    """An untrusted state in short phrases."""
    launches, torch_work = state.get("launches"), state.get("torch")
    phrases, fault = [], state.get("fault")
    stopped = STOPPED.search(str(fault[1])) if isinstance(fault, list) and fault[1:] else None
    if isinstance(launches, list):
        shown = [f"{one[0]}{tuple(one[1])}" for one in launches[:4]]  # type: ignore[index, arg-type]
        if shown or not stopped:
            phrases.append(f"launched {', '.join(shown)}" if shown else "launched no kernel")
    if stopped:  # the report has said why
        phrases.append(f"the {'next ' * bool(launches)}kernel was stopped in {stopped[0]}")
    if isinstance(torch_work, list) and torch_work:
        phrases.append(f"torch computed: {', '.join(map(str, torch_work[:6]))}")
    return phrases
