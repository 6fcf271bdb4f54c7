"""Blocks of hand-written documents that are generated, between two marker comments."""

from __future__ import annotations

from autograder.rubric.model import RubricError

END = "<!-- END GENERATED -->"


def fill(document: str, name: str, content: str) -> str:
    """Replace what stands in one generated block. All else stays as it is.

    Args:
        document: Markdown with one line `<!-- BEGIN GENERATED: name -->` and, below it, END.
        name: which block.
        content: Markdown of the block, without the markers.

    Returns:
        The document with the block's new content.

    Raises:
        RubricError: the block is missing, stands there twice, or has no end.
    """
    begin = f"<!-- BEGIN GENERATED: {name} -->"
    if document.count(begin) != 1:
        raise RubricError(f"one line '{begin}' is needed, found {document.count(begin)}")
    before, _, rest = document.partition(begin)
    old, end, after = rest.partition(END)
    if not end or "BEGIN GENERATED" in old:
        raise RubricError(f"no line '{END}' below '{begin}'")
    return f"{before}{begin}\n\n{content.strip()}\n\n{end}{after}"
