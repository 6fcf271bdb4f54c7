"""One source of truth: what students get is generated from `reference/` and `assignments/`."""
