"""Which submissions are alike beyond what everybody was given. Pairs to look at, no verdicts."""
