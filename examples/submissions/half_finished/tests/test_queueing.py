"""Stage 5. Your own tests of the queueing exercise. They are graded, too (handout, task 10)."""

from __future__ import annotations

from pagedlab.queueing import RequestLog


def test_one_request_that_is_served_at_once() -> None:
    log = RequestLog()
    log.record(0.0, "a", "arrive")
    log.record(0.0, "a", "admit")
    log.record(2.0, "a", "finish")
    assert log.little("system").mean_seconds == 2.0
