"""What this machine would grade with, as JSON: `python -m autograder.batch.cluster.fit ROOT TIER`.

A process of its own, as isolation is tried out by forking, and a Dask worker has threads.
"""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from autograder.batch.cluster.options import ClusterError
from autograder.batch.cluster.terms import Terms
from autograder.batch.run.suite import suite_hash
from autograder.sandbox.isolation import Isolation, Layer, Tier, probe

SECONDS = 120.0


@dataclass(frozen=True)
class Machine:
    """A suite's hash as it is here, and the isolation that holds here."""

    suite: str
    isolation: Isolation


def examine(terms: Terms) -> Machine:
    """Look at this machine from a process of its own.

    Raises:
        ClusterError: it could not be looked at.
    """
    command = [sys.executable, "-m", "autograder.batch.cluster.fit", str(terms.root), terms.tier]
    try:
        ended = subprocess.run(
            command, cwd=terms.code, capture_output=True, text=True, timeout=SECONDS, check=True
        )
        said = json.loads(ended.stdout)
        layers = frozenset(map(Layer, said["layers"]))
        return Machine(said["suite"], Isolation(Tier(said["tier"]), tuple(said["facts"]), layers))
    except (OSError, subprocess.SubprocessError, ValueError, KeyError) as error:
        more = getattr(error, "stderr", None) or str(error)
        raise ClusterError(f"it cannot run the grader ({more.strip()[-300:]})") from error


def unfit(terms: Terms, machine: Machine) -> str:
    """Why a machine must not grade; "" if it may."""
    if machine.suite != terms.suite:
        return f"its suite, Python or code differs from that of {terms.root} on this machine"
    found = machine.isolation.describe()
    if found != terms.isolation:
        return (
            f"its isolation is another: {found}; here it is: {terms.isolation}."
            " Start the batch in a job on such a node, or ask for less: --isolation"
        )
    return ""


def main(argv: list[str]) -> int:
    """Print what there is."""
    isolation = probe(Tier(argv[1]))
    machine = {
        "suite": suite_hash(Path(argv[0])),
        "tier": isolation.tier,
        "facts": list(isolation.facts),
        "layers": sorted(isolation.layers),
    }
    print(json.dumps(machine))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
