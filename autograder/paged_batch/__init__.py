"""Designed inputs for paged attention: batches that a wrong kernel does not survive."""
