"""Times kernels on a GPU so that neither a cache of results nor a clock of its own helps them.

What is timed is a chain of decode steps: each needs the last one's output, and rewrites slots of
the cache, so that every step must be done, on what is there now. The clock and the right result are
the caller's. Nothing here has yet been run on a GPU; its arithmetic is tested without one.
"""
