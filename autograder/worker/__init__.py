"""The untrusted side: a warm parent that forks one confined worker per need."""
