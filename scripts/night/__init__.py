"""How the demonstration's scenes are drawn: a canvas, figures that move, places. All of it is drawn here."""
