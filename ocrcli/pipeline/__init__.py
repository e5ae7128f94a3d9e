"""The pipeline: runs all stages in order, from the pixels of a photo to a `Page`."""
