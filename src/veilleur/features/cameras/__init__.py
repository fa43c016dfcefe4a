"""Cameras: where they look, under which regime and authorisation, what masks them, what is wrong with them."""
