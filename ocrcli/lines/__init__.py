"""A text line at once: its image, the CTC model, beam search."""
