"""Parts of the server that need no server: media types, rules, and the tables that answer."""

from __future__ import annotations

import pytest

from ocrcli.core.errors import OcrError, UsageError
from ocrcli.core.settings import Settings
from ocrcli.formats import FORMATS
from ocrcli.serve import query, reading
from ocrcli.serve.guard import Rules, is_loopback, name_of
from ocrcli.serve.media import MEDIA, accepted, media_of


@pytest.mark.parametrize(
    ("header", "name"),
    [
        ("", "json"),
        ("*/*", "json"),
        ("application/*", "json"),
        ("text/*", "text"),
        ("text/html,application/xhtml+xml,*/*;q=0.8", "html"),
        ("text/html;q=0.2, text/markdown;q=0.9", "markdown"),
        ("*/*, application/pdf", "pdf"),
        ("TEXT/PLAIN", "text"),
        ("text/plain;q=0", None),
        ("text/plain;q=x, text/html", "html"),
        ("image/png", None),
        (",;", None),
    ],
)
def test_the_format_that_is_preferred(header: str, name: str | None) -> None:
    assert accepted(header) == name


def test_every_format_has_a_media_type() -> None:
    assert set(FORMATS) <= set(MEDIA)
    assert media_of("text") == "text/plain; charset=utf-8"


def test_a_query_changes_what_it_names_and_nothing_else() -> None:
    settings = Settings(language="de", threshold="li")
    assert query.parse([]).applied(settings) is settings
    applied = query.parse([("language", "none"), ("allow", "0-9")]).applied(settings)
    assert (applied.language, applied.allow, applied.threshold) == ("none", "0-9", "li")
    assert not {"words", "model", "page-model", "device"} & set(query.PARAMETERS)
    with pytest.raises(UsageError, match="twice"):
        query.parse([("allow", "1"), ("allow", "2")])


@pytest.mark.parametrize(
    ("rules", "headers", "status"),
    [
        (Rules("127.0.0.1"), {"host": "localhost:8642"}, None),
        (Rules("127.0.0.1"), {"host": "[::1]:8642"}, None),
        (Rules("::1"), {"host": "[::1]:8642"}, None),
        (Rules("127.0.0.1"), {"host": "rebound.example:8642"}, 403),
        (Rules("127.0.0.1"), {}, 403),
        (Rules("127.0.0.1"), {"host": "localhost:1", "origin": "http://localhost:1"}, None),
        (Rules("127.0.0.1"), {"host": "localhost:1", "origin": "http://localhost:2"}, 403),
        (Rules("127.0.0.1"), {"host": "localhost:1", "origin": "null"}, 403),
        (Rules("127.0.0.1", "secret"), {"host": "localhost"}, 401),
        (Rules("0.0.0.0", "secret"), {"host": "a.example", "authorization": "bearer secret"}, None),
        (Rules("0.0.0.0", "secret"), {"host": "a.example", "authorization": "Bearer secre"}, 401),
    ],
)
def test_who_may_ask(rules: Rules, headers: dict[str, str], status: int | None) -> None:
    refused = rules.refuse("/read", headers)
    assert (refused.status if refused else None) == status


def test_hosts_and_their_names() -> None:
    assert [is_loopback(host) for host in ("127.8.8.8", "::", "localhost", "")] == [True, False, True, False]
    assert [name_of(host) for host in ("LOCALHOST:1", "[::1]", "a.example")] == ["localhost", "::1", "a.example"]


def test_every_kind_of_error_has_a_status() -> None:
    statuses = {kind.kind: reading.refusal(kind("x")).status for kind in (OcrError, *OcrError.__subclasses__())}
    assert statuses["unexpected"] == 500
    assert statuses["usage"] == 400
    assert statuses["input"] == 422
