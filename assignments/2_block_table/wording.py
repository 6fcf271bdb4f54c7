"""How a student reads stage 2's operations and states."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from autograder.program.model import Op
from autograder.protocol.plain import Json


def to_python(op: Op) -> str:
    """The operation as a statement that a student can paste.

    Raises:
        KeyError: there is no such operation.
    """
    return TEXTS[op.name](op.binds, **op.args)


def show_state(state: Mapping[str, Json]) -> list[str]:
    """An untrusted state in short phrases: "free 1", "a: 5 of 6 tokens in 3, 1"."""
    progress, phrases = _items(state, "progress"), []
    if "free" in state:
        phrases.append(f"free {state['free']}")
    for name, table in _items(state, "tables").items():
        phrases.append(f"{name} ({_tokens(progress.get(name))}) holds {_listed(table)}")
    for key, block in _items(state, "blocks").items():
        match block:
            case [ref_cnt, cached]:
                phrases.append(f"block {key}: ref_cnt {ref_cnt}" + ", cached" * (cached is True))
    rows, counts = state.get("rows"), state.get("counts")
    if isinstance(rows, list) and isinstance(counts, list):
        pairs = enumerate(zip(rows, counts, strict=False))
        phrases += [f"row {index}: {_listed(row)} (count {count})" for index, (row, count) in pairs]
    return phrases


def _items(state: Mapping[str, Json], key: str) -> Mapping[str, Json]:
    value = state.get(key)
    return value if isinstance(value, dict) else {}


def _tokens(progress: Json) -> str:
    match progress:
        case [tokens, computed]:
            return f"{computed} of {tokens} tokens computed"
    return "unreadable"


def _listed(keys: Json) -> str:
    if not isinstance(keys, list):
        return "what cannot be read"
    return "[" + ", ".join(map(str, keys)) + "]"


def _new(name: str, num_blocks: int, block_size: int, caching: bool) -> str:
    off = "" if caching else ", enable_caching=False"
    return f"pool = BlockPool({num_blocks}); manager = KVCacheManager({block_size}, pool{off})"


def _request(name: str, tokens: list[int], extra_keys: list[str]) -> str:
    extra = f", extra_keys={tuple(extra_keys)}" if extra_keys else ""
    return f"{name} = Request({name!r}, {tokens}{extra})"


def _step(name: str, request: str, num_tokens: int, hit: str, reserved: int) -> str:
    found = f", {hit}[0]" if hit else ""
    kept = f", reserved_blocks={reserved}" if reserved else ""
    more = f"{hit}[1] + {num_tokens}" if hit else f"{num_tokens}"
    call = f"manager.allocate_slots({request}, {num_tokens}{found}{kept})"
    return f"if {call} is not None: {request}.num_computed_tokens += {more}"


def _fork(name: str, parent: str) -> str:
    return f"{name} = {parent}.fork({name!r}); manager.fork({parent}, {name})"


def _truncate(name: str, request: str, num_tokens: int) -> str:
    taken = f"del {request}.token_ids[{num_tokens}:]"
    computed = f"{request}.num_computed_tokens = {num_tokens}"
    return f"manager.truncate({request}, {num_tokens}); {taken}; {computed}"


TEXTS: Mapping[str, Callable[..., str]] = {
    "new": _new,
    "request": _request,
    "lookup": lambda name, request: f"{name} = manager.get_computed_blocks({request})",
    "step": _step,
    "generate": lambda name, request, tokens: f"{request}.append_output_token_ids({tokens})",
    "fork": _fork,
    "fork_onto": lambda name, parent, request: f"manager.fork({parent}, {request})",
    "truncate": _truncate,
    "free": lambda name, request: f"manager.free({request}); {request}.num_computed_tokens = 0",
    "rows": lambda name, reqs, blocks: f"table = BlockTable({reqs}, {blocks})",
    "append_row": lambda name, block_ids, row: f"table.append_row({block_ids}, {row})",
    "add_row": lambda name, block_ids, row: f"table.add_row({block_ids}, {row})",
    "clear_row": lambda name, row: f"table.clear_row({row})",
    "move_row": lambda name, src, tgt: f"table.move_row({src}, {tgt})",
    "swap_row": lambda name, src, tgt: f"table.swap_row({src}, {tgt})",
}
"""By operation: the statement, from the name that it binds and its arguments."""
