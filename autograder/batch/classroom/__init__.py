"""PagedLab on GitHub: the files for Classroom 50, and a plain Actions workflow."""
