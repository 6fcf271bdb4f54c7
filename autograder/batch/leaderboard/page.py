"""leaderboard.html and leaderboard.csv: aliases alone, one file, no script, no request."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from pathlib import Path
from string import Template

from autograder.batch.leaderboard.boards import Board
from autograder.batch.leaderboard.ranking import DIGITS, Standing
from autograder.batch.scores.tables import text_of
from autograder.report.style import STYLE

PAGE = Template(Path(__file__).with_name("page.html").read_text(encoding="utf-8"))


def page(title: str, boards: Sequence[Board], provenance: str) -> str:
    """The page.

    Args:
        title: of the course.
        boards: one table each.
        provenance: which suite, by which seeds.
    """
    return PAGE.substitute(
        title=escape(f"{title}: leaderboard"),
        style=STYLE,
        provenance=escape(provenance),
        boards="\n".join(map(_board, boards)) or "<p>Nobody is on it yet.</p>",
    )


def table(boards: Sequence[Board]) -> str:
    """The same as CSV."""
    lines = [["board", "title", "unit", "rank", "tied", "alias", "value", "low", "high"]]
    for one in boards:
        head = [one.id, one.title, one.unit]
        for place in one.places:
            values = [_number(value) for value in (place.value, place.low, place.high)]
            tied = "yes" if place.tied else "no"
            lines.append([*head, str(place.rank), tied, place.name, *values])
    return text_of(lines)


def _board(board: Board) -> str:
    better = "less is better" if board.less_is_better else "more is better"
    held = f"; {board.held} held back until a person has looked" if board.held else ""
    rows = "".join(map(_place, board.places))
    name = f"{board.id} " if board.id[:1].isdigit() else ""
    return (
        f"<h2>{escape(name + board.title)}</h2>"
        f"<p class=fine>{escape(board.unit)}; {better}{held}</p>"
        "<table><thead><tr><th scope=col>rank<th scope=col>name<th scope=col class=n>value"
        f"<th scope=col class=n>interval</tr></thead><tbody>{rows}</tbody></table>"
    )


def _place(place: Standing) -> str:
    interval = "" if place.low == place.high else f"{_number(place.low)} … {_number(place.high)}"
    tie = '<span class=fine title="shared with others"> =</span>' if place.tied else ""
    return (
        f"<tr><td class=rank>{place.rank}{tie}<td class=name>{escape(place.name)}"
        f"<td class=n>{_number(place.value)}<td class=n>{interval}</tr>"
    )


def _number(value: float) -> str:
    return f"{value:.{DIGITS}g}"
