"""The way of a photo from its pixels to a `Page`: the order of all stages."""
