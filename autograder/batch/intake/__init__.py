"""From what an instructor downloads to one manifest and one row for every student."""
