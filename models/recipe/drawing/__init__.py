"""Pen ink drawn anew: strokes, pens, hands that nobody has, and what else is in a picture."""
