"""Who does best by what was counted, among those who want to be seen."""
