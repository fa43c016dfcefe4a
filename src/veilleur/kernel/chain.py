"""What the built-in dialler says, known to who dials (the watch) and who listens (reception)."""

from __future__ import annotations

#: The account of the built-in dialler, a panel of the centre's own site.
ACCOUNT = "VEILLE"

#: The extended block that carries the round's secret: only the frame that was dialled proves the line.
BLOCK = "P"

#: A periodic test (Contact ID 602): what a panel says to prove itself.
CODE = "602"
