"""Where writing stands on the page: text lines, columns, reading order."""
