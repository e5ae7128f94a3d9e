"""Media types of the formats, and which one the header Accept asks for (RFC 9110, content negotiation)."""

from __future__ import annotations

MEDIA = {
    "text": "text/plain",
    "json": "application/json",
    "jsonl": "application/jsonl",
    "tsv": "text/tab-separated-values",
    "csv": "text/csv",
    "hocr": "text/vnd.hocr+html",
    "alto": "application/alto+xml",
    "page": "application/vnd.prima.page+xml",
    "markdown": "text/markdown",
    "html": "text/html",
    "pdf": "application/pdf",
}
"""Format -> its media type."""

DEFAULT = "json"


def media_of(name: str) -> str:
    """The media type of a format, with its charset."""
    media = MEDIA.get(name, "application/octet-stream")
    return f"{media}; charset=utf-8" if media.startswith("text/") else media


def accepted(header: str) -> str | None:
    """The format that a header Accept prefers; `DEFAULT` for anything, None if there is no such format.

    Examples:
        >>> accepted("text/html;q=0.5, text/plain"), accepted("*/*"), accepted("image/png")
        ('text', 'json', None)
    """
    if not header.strip():
        return DEFAULT
    order = [DEFAULT, *(name for name in MEDIA if name != DEFAULT)]
    best, name = 0.0, None
    for weight, wanted in _ranges(header):
        found = next((name for name in order if _matches(wanted, MEDIA[name])), None)
        if found and weight > best:
            best, name = weight, found
    return name


def _ranges(header: str) -> list[tuple[float, str]]:
    """The media ranges with their weights; of equal weight, the most specific first."""
    ranges = []
    for part in header.lower().split(","):
        wanted, *parameters = (piece.strip() for piece in part.split(";"))
        weight = next((value[2:] for value in parameters if value.startswith("q=")), "1")
        try:
            ranges.append((min(max(float(weight), 0.0), 1.0), wanted))
        except ValueError:
            continue
    return sorted(ranges, key=lambda pair: (-pair[0], pair[1].count("*")))


def _matches(wanted: str, media: str) -> bool:
    return wanted in ("*/*", media) or (wanted.endswith("/*") and media.startswith(wanted[:-1]))
