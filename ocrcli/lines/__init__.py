"""Reads whole text lines: line image, CTC model, prefix beam search, alignment."""
