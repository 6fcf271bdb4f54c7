"""`export`: a run's grades in the form that a gradebook reads."""

from __future__ import annotations

import argparse
import json
from collections.abc import Collection
from pathlib import Path

from autograder.batch.exports.canvas import fill_canvas
from autograder.batch.exports.documents import classroom50, gradescope, identity_in, junit
from autograder.batch.exports.filling import ExportError, Filled
from autograder.batch.exports.moodle import HEADINGS, fill_moodle
from autograder.batch.intake.names import safe_key
from autograder.batch.run.folder import RunFolder, replace_text
from autograder.batch.run.suite import course_root
from autograder.batch.scores.grade import Grade
from autograder.batch.scores.work_out import work_out
from autograder.batch.student_report import report_for
from autograder.cli.exits import Exit, refuse
from autograder.cli.grades import UNUSABLE
from autograder.cli.root import ROOT
from autograder.rubric.load import load_course

FORMATS = ("canvas", "moodle", "gradescope", "classroom50", "junit", "reports")


def main(argv: list[str]) -> int:
    """Write the export, and say who is not in it."""
    args = _parser().parse_args(argv)
    try:
        course = load_course(course_root(RunFolder(args.run), ROOT) / "assignments")
        grades = work_out(RunFolder(args.run), course)
        print("\n".join(_export(args, grades)))
    except (*UNUSABLE, ExportError) as error:
        return refuse(Exit.USAGE, str(error))
    except OSError as error:
        return refuse(Exit.USAGE, f"{error.filename}: {error.strerror}")
    return int(Exit.DONE)


def _export(args: argparse.Namespace, grades: Collection[Grade]) -> list[str]:
    out: Path = args.out or args.run / "exports" / args.format
    if args.format in ("canvas", "moodle"):
        filled = _fill(args, grades)
        file = args.out or args.run / "exports" / f"{args.format}.csv"
        if file.exists() and file.samefile(args.template):
            raise ExportError("the template stays as it is: name another file with --out")
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(filled.data)
        return [*filled.lines(), f"{file}"]
    if args.format == "junit":
        file = args.out or args.run / "exports" / "junit.xml"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(junit(grades))
        return [f"{file}"]
    done = [one for one in grades if one.final is not None and one.state.run is not None]
    if args.format == "classroom50" and args.template is None:
        raise ExportError("classroom50 needs --template: the folder that it downloaded")
    ending = "html" if args.format == "reports" else "json"
    written, lines = 0, []
    for grade in done:
        try:
            text = _document(args, grade)
        except ExportError as error:
            lines.append(f"  left out: {grade.state.row.key}: {error}")
            continue
        replace_text(out / f"{safe_key(grade.state.row.key)}.{ending}", text)
        written += 1
    return [f"{written} of {len(grades)} students: {out}", *lines]


def _document(args: argparse.Namespace, grade: Grade) -> str:
    """What one student gets, or their gradebook."""
    if args.format == "reports":
        return report_for(grade)
    if args.format == "gradescope":
        return json.dumps(gradescope(grade), indent=1) + "\n"
    entry = grade.state.row.entry
    assert entry is not None, "what has a score was handed in"
    identity = identity_in(args.template / entry.key)
    return json.dumps(classroom50(grade, identity), indent=1) + "\n"


def _fill(args: argparse.Namespace, grades: Collection[Grade]) -> Filled:
    if args.template is None:
        raise ExportError(f"{args.format} needs --template: the file that it exported itself")
    template = args.template.read_bytes()
    if args.format == "moodle":
        headings = dict(one.split("=", 1) for one in args.heading if "=" in one)
        unknown = sorted(set(headings) - set(HEADINGS))
        if unknown:
            raise ExportError(f"--heading knows {', '.join(HEADINGS)}, not {unknown[0]}")
        return fill_moodle(template, grades, headings, args.scale)
    if not args.column:
        raise ExportError("canvas needs --column: the assignment's id or title")
    return fill_canvas(template, grades, args.column, args.scale)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="autograder export", description=__doc__)
    parser.add_argument("format", choices=FORMATS)
    parser.add_argument("run", type=Path, nargs="?", default=Path("run"), help="a run's folder")
    parser.add_argument("--out", type=Path, help="file or folder; else in the run's exports/")
    parser.add_argument(
        "--template", type=Path, help="canvas, moodle: its own export; classroom50: its download"
    )
    parser.add_argument("--column", default="", help="canvas: the assignment's id or title")
    parser.add_argument("--scale", action="store_true", help="to the gradebook's points")
    parser.add_argument("--heading", action="append", default=[], help="moodle: grade=Note")
    return parser
