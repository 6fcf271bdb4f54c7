"""Group F, public: the content hash."""

from __future__ import annotations

from stage1.language import hash_tokens

from autograder.judge.rules import Judge, rule
from autograder.program.model import Program


@rule("1.17")
def test_a_block_hash_stands_for_the_block_and_all_before_it(judge: Judge) -> None:
    program: Program = (
        hash_tokens("h1", "", [1, 2, 3, 4]),
        hash_tokens("h2", "", [1, 2, 3, 4]),
        hash_tokens("h3", "", [4, 3, 2, 1]),
        hash_tokens("h4", "h1", [5, 6, 7, 8]),
        hash_tokens("h5", "h3", [5, 6, 7, 8]),
        hash_tokens("h6", "", [5, 6, 7, 8]),
    )
    digests = [seen.result for seen in judge.check(*program)]
    if digests[0] != digests[1]:
        judge.fail(program[:2], 1, "I12", "h2 == h1: the content is equal", "h2 != h1")
    for first in range(1, len(digests)):
        for second in range(first + 1, len(digests)):
            if digests[first] == digests[second]:
                short = only(program, program[first].binds, program[second].binds)
                names = f"{program[second].binds} != {program[first].binds}"
                judge.fail(short, len(short) - 1, "I12", names, names.replace("!=", "=="))


def only(program: Program, *names: str) -> Program:
    """The operations that bring the named hashes, and those that they build on."""
    parents = {op.binds: str(op.args["parent"]) for op in program}
    wanted = {*names, *(parents[name] for name in names)}
    return tuple(op for op in program if op.binds in wanted)
