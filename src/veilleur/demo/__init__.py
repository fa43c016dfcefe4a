"""The demonstration town and its panels."""
