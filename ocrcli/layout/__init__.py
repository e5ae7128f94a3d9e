"""Layout analysis: text lines, rows with baselines, columns, reading order, paragraphs."""
