"""From event logs to grades: policy and people's adjustments, as data. Nothing is run."""
