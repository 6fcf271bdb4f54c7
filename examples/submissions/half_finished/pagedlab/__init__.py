"""PagedLab: a simplified PagedAttention system, one module a stage.

Given to students as it is. Names follow vLLM's v1 core, so that what you build here you can read there.
"""
