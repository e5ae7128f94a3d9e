"""Learns a hand from photos with their text: alignment, samples, cross-validation."""
