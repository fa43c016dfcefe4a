"""Veilleur: the complete, open-source software of a French control room."""

__version__ = "0.1.0"
