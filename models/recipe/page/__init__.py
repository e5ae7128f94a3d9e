"""The page model: which ink of a photo is writing, where text lines run, and which way is up."""
