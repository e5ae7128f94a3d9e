"""How far readings are from the truth, and how far their confidences can be trusted."""
