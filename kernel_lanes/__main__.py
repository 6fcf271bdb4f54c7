"""Reports on a paged attention kernel: `python -m kernel_lanes attention.py`.

The file has a function paged_attention(query, key_cache, value_cache, block_table, seq_lens,
query_start_loc, scale) that launches Triton kernels on the tensors it is given.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
from pathlib import Path

from kernel_lanes.report.gather import CannotReport, gather
from kernel_lanes.report.page import page
from kernel_lanes.report.terminal import render

OK, WRONG_REQUEST = 0, 2


def main(argv: list[str]) -> int:
    """Print the report. Returns an exit code: 0, whatever the report says, or 2."""
    parser = argparse.ArgumentParser(prog="kernel_lanes", description=__doc__)
    parser.add_argument("file", type=Path, help="with a function paged_attention")
    parser.add_argument("--html", type=Path, help="write the page here")
    parser.add_argument("--json", action="store_true", help="print the data alone")
    parser.add_argument("--targets", default="sm_80,sm_90", help="GPUs to compile for; gfx942 too")
    wanted = parser.parse_args(argv)
    targets = wanted.targets.split(",")
    if not all(re.fullmatch(r"(sm_\d+|gfx\w+)", one) for one in targets):
        parser.error(f"not names of GPUs: {wanted.targets}")
    try:
        report = gather(wanted.file, targets)
    except CannotReport as error:
        print(f"kernel_lanes: {error}", file=sys.stderr)
        return WRONG_REQUEST
    if wanted.html is not None:
        wanted.html.parent.mkdir(parents=True, exist_ok=True)
        wanted.html.write_text(page(report), encoding="utf-8")
    if wanted.json:
        print(json.dumps(report.plain(), indent=1))
        return OK
    print("\n".join(render(report)))
    if wanted.html is not None:
        print(f"\nThe same as a page: {wanted.html}")
    return OK


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
