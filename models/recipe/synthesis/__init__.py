"""Drawn pages: handwriting on paper, in light, before a camera, with exact labels of all that is written."""
