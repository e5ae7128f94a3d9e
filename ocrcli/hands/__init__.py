"""Hands: what was learnt of a person's handwriting, as small files, and the mathematics of learning it."""
