"""Letter by letter: over-segmentation, hypotheses, 32x32 crops, the classifier, the lattice and its search."""
