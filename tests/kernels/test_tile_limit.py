"""A tile over which a compiler would sit for minutes is refused, by its shape."""

from __future__ import annotations

import pytest

from kernel_lanes.tile_limit import TileTooLarge, refuse_large_tiles

WARPS_4 = 128
TEXT = """
  %0 = tt.make_range : tensor<{rows}xi32>
  %1 = tt.load %p : tensor<{rows}x{columns}x!tt.ptr<f16>>
  %2 = arith.extf %1 : tensor<{rows}x{columns}xf16> to tensor<{rows}x{columns}x{kind}>
"""


@pytest.mark.parametrize(
    ("rows", "columns", "kind", "threads"),
    [(64, 128, "f32", WARPS_4), (256, 256, "f32", WARPS_4), (256, 512, "f32", 2 * WARPS_4)],
)
def test_what_fits_or_only_spills_is_compiled(
    rows: int, columns: int, kind: str, threads: int
) -> None:
    refuse_large_tiles(TEXT.format(rows=rows, columns=columns, kind=kind), threads)


def test_what_is_refused_is_told_by_shape_and_type() -> None:
    with pytest.raises(TileTooLarge, match="a tile of 256 x 512 f32 is 1,024 words in each of 128"):
        refuse_large_tiles(TEXT.format(rows=256, columns=512, kind="f32"), WARPS_4)


def test_bytes_count_as_such() -> None:
    refuse_large_tiles("tensor<512x512xi8>", WARPS_4)
    with pytest.raises(TileTooLarge):
        refuse_large_tiles("tensor<512x512xf16>", WARPS_4)
