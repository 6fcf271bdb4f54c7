"""From the event log to points: pure functions, nothing is run."""
