"""How the page lies in the photo, and the image that is read: upright, level, of one size of writing."""
