"""Confines one freshly forked process, and everything that it starts, before student code runs."""
