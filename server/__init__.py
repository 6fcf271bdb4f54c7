"""Serves the language model with a submission's engine, as an OpenAI-compatible HTTP server."""
