"""What is said where an optional package is missing, or lacks something itself."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from ocrcli.core.errors import MissingExtraError
from ocrcli.core.extras import import_extra


@pytest.mark.parametrize(
    ("code", "packages"),
    [("raise ModuleNotFoundError(name='watchfiles')", "watchfiles"), ("import no_such.thing", "watchfiles no_such")],
    ids=["it is missing", "what it needs is missing"],
)
def test_advice_names_all_that_is_missing(
    code: str, packages: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "watchfiles.py").write_text(code, encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, "watchfiles", raising=False)
    with pytest.raises(MissingExtraError, match=rf"to watch, run: pip install {packages}$"):
        import_extra("watchfiles", "to watch")
    sys.modules.pop("watchfiles", None)
