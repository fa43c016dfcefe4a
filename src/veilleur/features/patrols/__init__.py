"""Rondes vidéo: planned views in order, each ticked, missed ones explained (C1.2, S1)."""
