"""The room itself: who can take an alarm now, whom to call when nobody can, and the chain proved every minute."""
