"""Binarization, which separates ink from paper: page model, background normalisation, denoising, thresholds."""
