"""One report about one `attention.py`: right or not, what it moves, what it compiles to."""
