"""The operations of stage 2 and how a student reads them.

A program is about a cache manager or about a batched table. The first kind begins with `new`, and
calls requests by name; the second begins with `rows`, and calls rows by index. What a lookup found
is called `h`, say: `h[0]` are its blocks, `h[1]` the tokens that they hold.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from autograder.program.model import Op, Program
from autograder.protocol.plain import Json

IMPORTS = (
    "from pagedlab.block_pool import BlockPool",
    "from pagedlab.block_table import BlockTable",
    "from pagedlab.kv_cache_manager import KVCacheManager",
    "from pagedlab.request import Request",
)
METHODS = {
    "new": "KVCacheManager.__init__",
    "lookup": "KVCacheManager.get_computed_blocks",
    "step": "KVCacheManager.allocate_slots",
    "fork": "KVCacheManager.fork",
    "truncate": "KVCacheManager.truncate",
    "free": "KVCacheManager.free",
    "rows": "BlockTable.__init__",
    "append_row": "BlockTable.append_row",
    "add_row": "BlockTable.add_row",
    "clear_row": "BlockTable.clear_row",
    "move_row": "BlockTable.move_row",
    "swap_row": "BlockTable.swap_row",
}
"""The function of the submission that each operation exercises."""


def new(num_blocks: int, block_size: int, caching: bool = True) -> Op:
    """Make a pool and a manager of its blocks."""
    args = {"num_blocks": num_blocks, "block_size": block_size, "caching": caching}
    return Op("new", args)


def request(name: str, tokens: list[int], *extra_keys: str) -> Op:
    """A request with a prompt; the manager does not hear of it yet."""
    return Op("request", {"tokens": list(tokens), "extra_keys": list(extra_keys)}, binds=name)


def lookup(name: str, request: str) -> Op:
    """Look a request's prefix up, and call what is found `name`."""
    return Op("lookup", {"request": request}, binds=name)


def step(request: str, num_tokens: int, hit: str = "", reserved: int = 0) -> Op:
    """Schedule a step of a request; `hit` names the lookup whose blocks it begins with.

    If it was not refused, the request's computed tokens advance, as in a scheduler.
    """
    args = {"request": request, "num_tokens": num_tokens, "hit": hit, "reserved": reserved}
    return Op("step", args)


def generate(request: str, *tokens: int) -> Op:
    """Append generated tokens to a request."""
    return Op("generate", {"request": request, "tokens": list(tokens)})


def fork(name: str, parent: str) -> Op:
    """A child with the parent's past, which the manager lets share the parent's blocks."""
    return Op("fork", {"parent": parent}, binds=name)


def fork_onto(child: str, parent: str) -> Op:
    """Fork onto a request that is there already."""
    return Op("fork_onto", {"parent": parent, "request": child})


def truncate(request: str, num_tokens: int) -> Op:
    """Take all tokens but the first ones back, from the manager and from the request."""
    return Op("truncate", {"request": request, "num_tokens": num_tokens})


def free(request: str) -> Op:
    """Give a request's blocks back; it may come again, with nothing computed."""
    return Op("free", {"request": request})


def rows(max_num_reqs: int, max_num_blocks_per_req: int) -> Op:
    """Make a batched table. The first operation of every program about rows."""
    return Op("rows", {"reqs": max_num_reqs, "blocks": max_num_blocks_per_req})


def append_row(row: int, *block_ids: int) -> Op:
    """Append block ids to a row."""
    return Op("append_row", {"block_ids": list(block_ids), "row": row})


def add_row(row: int, *block_ids: int) -> Op:
    """Replace a row."""
    return Op("add_row", {"block_ids": list(block_ids), "row": row})


def clear_row(row: int) -> Op:
    """Empty a row."""
    return Op("clear_row", {"row": row})


def move_row(src: int, tgt: int) -> Op:
    """Move a row over another."""
    return Op("move_row", {"src": src, "tgt": tgt})


def swap_row(src: int, tgt: int) -> Op:
    """Exchange two rows."""
    return Op("swap_row", {"src": src, "tgt": tgt})


def whole(*ops: Op) -> Program:
    """The program, and at its end every request gives its blocks back: then all must be free."""
    names = [op.binds for op in ops if op.name in ("request", "fork")]
    return (*ops, *map(free, names))


def to_python(op: Op) -> str:
    """The operation as a statement that a student can paste.

    Raises:
        KeyError: there is no such operation.
    """
    return TEXTS[op.name](op.binds, **op.args)


def simpler(op: Op) -> Iterator[Op]:
    """Simpler forms of one operation, simplest first, for the shrinker."""
    for key, least in (("num_blocks", 1), ("num_tokens", 0), ("reserved", 0)):
        size = op.args.get(key)
        if isinstance(size, int):
            for smaller in sorted({least, 1, 2, size // 2, size - 1}):
                if least <= smaller < size:
                    yield Op(op.name, {**op.args, key: smaller}, op.binds)
    for key in ("tokens", "block_ids"):
        items = op.args.get(key)
        if isinstance(items, list) and items:
            for length in sorted({len(items) // 2, len(items) - 1}):
                yield Op(op.name, {**op.args, key: items[:length]}, op.binds)


def references(op: Op) -> Iterator[str]:
    """What an operation names of earlier results: requests by name, a lookup's blocks as "h[0]"."""
    for key in ("request", "parent"):
        if op.args.get(key):
            yield str(op.args[key])
    if op.args.get("hit"):
        yield f"{op.args['hit']}[0]"


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
