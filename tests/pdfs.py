"""PDF files made by hand, object by object, for the tests of what is loaded."""

from __future__ import annotations

import zlib


def pdf(*objects: bytes) -> bytes:
    """A PDF file of objects that are numbered from 1; the first is the catalog."""
    out, places = b"%PDF-1.4\n", []
    for number, content in enumerate(objects, start=1):
        places.append(len(out))
        out += b"%d 0 obj\n%b\nendobj\n" % (number, content)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    end = b"xref\n0 %d\n0000000000 65535 f \n%btrailer<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF"
    return out + end % (len(places) + 1, table, len(places) + 1, len(out))


def stream(head: bytes, content: bytes) -> bytes:
    """A stream object; `head` is what its dictionary holds besides the length."""
    return b"<<%b/Length %d>>stream\n%b\nendstream" % (head, len(content), content)


def pdf_of_image(side: int, media_box: bytes = b"0 0 600 600") -> bytes:
    """A page that is filled by one black image of `side` pixels squared."""
    return pdf(
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[%b]/Resources<</XObject<</I 4 0 R>>>>/Contents 5 0 R>>" % media_box,
        stream(
            b"/Type/XObject/Subtype/Image/Width %d/Height %d/ColorSpace/DeviceGray/BitsPerComponent 8"
            b"/Filter/FlateDecode" % (side, side),
            zlib.compress(bytes(side * side), 9),
        ),
        stream(b"", b"q 600 0 0 600 0 0 cm /I Do Q"),
    )
