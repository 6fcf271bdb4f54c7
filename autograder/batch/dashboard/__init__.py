"""The class on one page, for those who teach it."""
