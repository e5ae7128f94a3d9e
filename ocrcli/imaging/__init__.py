"""Basic image operations: runs, connected components, stroke width, weighted quantiles."""
