"""What this repository's tools cost, held against others; each folder has a command of its own."""
