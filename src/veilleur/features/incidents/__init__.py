"""Dossiers: opening, joining, taking, parking, closing."""
