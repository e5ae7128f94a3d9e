"""Reads rows letter by letter: over-segmentation, hypotheses, crops, letter classifier, lattice and beam search."""
