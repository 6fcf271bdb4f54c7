"""What students and instructors read: terminal, JSON and HTML, all from the same scores."""
