"""Inputs: files, folders, patterns, pages of PDF and TIFF files, web addresses, the clipboard, stdin, arrays.

`expand` turns arguments into `Source`s, one for each page. A `Source` loads a page as a `Photo`, the grey image that is
read.
"""

from ocrcli.sources.expand import expand
from ocrcli.sources.photo import Photo, load_colour, load_photo, photo_from_array, turned
from ocrcli.sources.source import Picture, Source, source_of

__all__ = [
    "Photo",
    "Picture",
    "Source",
    "expand",
    "load_colour",
    "load_photo",
    "photo_from_array",
    "source_of",
    "turned",
]
