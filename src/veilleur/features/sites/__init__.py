"""The sites' files: import, export, reading, night changes, on-test, directory."""
