"""What is measured: each program measures once, for so many seconds, and returns its figures."""
