"""Prove the suite: it accepts every correct submission and rejects every wrong one."""
