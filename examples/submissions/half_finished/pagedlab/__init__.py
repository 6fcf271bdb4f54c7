"""PagedLab: a simplified PagedAttention system, one module a concern.

Given to students as it is. Names follow vLLM's v1 core: what you build here you can read there.
"""
