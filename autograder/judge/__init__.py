"""The trusted side: oracle, clock, seeds and verdicts. Never imports student code."""
