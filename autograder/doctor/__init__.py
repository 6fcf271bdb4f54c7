"""Says in plain words what this machine can grade, and what to do about what is missing.

Standard library only, and nothing heavy is imported in the calling process: whatever may crash,
hang or take seconds (torch, triton, the CUDA driver) runs in a child with a deadline.
"""
