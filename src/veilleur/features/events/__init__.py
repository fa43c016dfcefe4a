"""Événements: what an operator sees on a live camera, opened in one key, closed in three, found again by place and nature."""
