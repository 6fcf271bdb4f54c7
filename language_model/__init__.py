"""A small Llama-style language model with its weights, for the engine to serve."""
