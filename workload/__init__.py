"""Traces of requests: generated ones that behave like production, and readers of real ones.

Depends on numpy only. `README.md` beside this file says what is fitted and what is guessed.
"""
