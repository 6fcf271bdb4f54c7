"""What design.toml says of a ledger."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from stage90.language import new, total  # type: ignore[import-not-found]

from autograder.judge.claim import Claim
from autograder.judge.documentation import Observe


def check_claims(
    claims: Mapping[str, Any], observe: Observe, growths: Mapping[str, float]
) -> list[Claim]:
    """Two claims: what an empty ledger sums up to, and how the cost of a sum grows."""
    seen = observe((new(), total()))
    empty = str(seen[1].result) if seen else ""
    growth = f"{growths['total']:g}" if "total" in growths else "not measured"
    return [
        Claim("empty", str(claims.get("empty", "")), empty, str(claims.get("empty", "")) == empty),
        Claim("growth", str(claims.get("growth", "")), growth, claims.get("growth") == growth),
    ]
