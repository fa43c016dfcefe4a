"""What was received, and what nobody knew: signals, ghosts, troubles, the installer's monitor."""
