"""Where photos come from: files, folders, patterns, PDF pages, addresses, the clipboard, standard input, arrays.

`expand` turns arguments into a sequence of `Source`s, one a page; a `Source` loads itself as a `Photo`.
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
