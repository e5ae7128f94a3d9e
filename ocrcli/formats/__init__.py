"""Ways to write a `Page` down; each takes pages and returns text or bytes."""
