"""Tools on pixels without opinions: runs of ink and connected components."""
