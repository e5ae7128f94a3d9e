"""Crops to learn from and to test with: single characters, letters cut out of words, and what is no letter."""
