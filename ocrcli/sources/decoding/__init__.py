"""Decoding of image files to pixels, with limits on memory and time."""
