"""Geometry: orientation, slope and x-height of the writing, and the image for reading: upright, deskewed, scaled."""
