"""`ocr doctor`: check the installation and say how to repair it."""

from __future__ import annotations

import base64
import hashlib
import json
import os
import platform
import re
import sys
from importlib import metadata
from pathlib import Path
from typing import Annotated, Any

import typer

from ocrcli.cli import app
from ocrcli.cli.support import preferences
from ocrcli.cli.support.console import out
from ocrcli.cli.support.pictures import picture_protocol
from ocrcli.core.errors import ModelError, OcrError
from ocrcli.core.extras import REPAIR
from ocrcli.core.files import shipped
from ocrcli.core.printable import printable

SHOWN_PACKAGES = ("numpy", "onnxruntime", "onnxruntime-gpu", "pillow", "scikit-image", "scipy", "typer", "rich")

NOT_ASKED = frozenset({"dev", "train", "gpu"})
"""Extras that are not listed: no command needs them, or, for ``gpu``, the devices show it."""

LETTERS_FILE = "letters.onnx"


def command(
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Check this installation: versions, devices, models, optional packages, terminal and settings.

    The exit code is 4 if no photo can be read. Add the output to a bug report.
    """
    devices = _devices()
    report = {
        "versions": _versions(),
        "devices": devices,
        "models": _models(),
        "extras": _extras(),
        "terminal": _terminal(),
        "settings": _settings(),
    }
    if as_json:
        out(json.dumps(report, indent=1))
    else:
        for number, (title, facts) in enumerate(report.items()):
            out(f"{chr(10) if number else ''}{title}")
            width = max(map(len, facts), default=0)
            for name, fact in facts.items():
                out(printable(f"  {name:<{width}}  {fact}"))
    if devices.get("cpu") != WORKS:
        raise ModelError(f"no photo can be read: the device cpu does not work; {REPAIR}")


WORKS = "works"


def _versions() -> dict[str, str]:
    found = {"ocr": metadata.version("ocrcli"), "python": f"{platform.python_version()} ({sys.executable})"}
    found["system"] = platform.platform()
    return found | {name: version for name in SHOWN_PACKAGES if (version := _version(name))}


def _version(package: str) -> str:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return ""


def _devices() -> dict[str, str]:
    """For each device, whether its execution provider is installed and a model really runs on it."""
    try:
        import numpy as np
        import onnxruntime

        from ocrcli.core.onnx_model import DEVICE_PACKAGES, DEVICES
        from ocrcli.letters.classifier import load_classifier
    except ImportError as error:
        return {"cpu": f"does not work: {error}"}

    available = onnxruntime.get_available_providers()
    found = {}
    for device, provider in DEVICES.items():
        if provider and provider not in available:
            found[device] = f"not installed; it comes with {DEVICE_PACKAGES.get(device, 'onnxruntime')}"
        elif provider:
            try:
                load_classifier(device=device).log_probabilities(np.zeros((1, 32, 32), np.uint8))
                found[device] = WORKS
            except OcrError as error:
                found[device] = f"does not work: {error}"
            except Exception as error:  # onnxruntime's errors share no base class but Exception
                found[device] = f"does not work: {type(error).__name__}: {str(error).splitlines()[0]}"
    return found


def _models() -> dict[str, str]:
    """The shipped model files with their checksums, compared with those that the wheel lists."""
    try:
        folder = shipped(LETTERS_FILE).parent
    except OcrError as error:
        return {LETTERS_FILE: str(error)}
    listed = {Path(str(file.locate())).resolve(): file.hash for file in metadata.files("ocrcli") or ()}
    found = {}
    for path in sorted(p for p in folder.iterdir() if p.suffix in (".onnx", ".npz", ".json")):
        digest = hashlib.sha256(path.read_bytes())
        found[path.name] = f"sha256 {digest.hexdigest()}, {_state(digest.digest(), listed.get(path.resolve()))}"
    return found


def _state(digest: bytes, listed: Any) -> str:
    if listed is None:
        return "of a checkout"
    expected = base64.urlsafe_b64decode(listed.value + "=" * (-len(listed.value) % 4))
    return "as released" if digest == expected else "DAMAGED; install ocrcli again, from where it came"


def _extras() -> dict[str, str]:
    """For each extra, the installed versions of its packages, or how to install them."""
    needed: dict[str, list[str]] = {}
    for requirement in metadata.requires("ocrcli") or ():
        match = re.match(r"([\w.-]+).*\bextra\s*==\s*['\"]([\w-]+)['\"]", requirement)
        if match and match[2] not in NOT_ASKED:
            needed.setdefault(match[2], []).append(match[1])
    found = {}
    for extra, packages in sorted(needed.items()):
        versions = {package: _version(package) for package in packages}
        missing = [package for package, version in versions.items() if not version]
        brought = ", ".join(f"{package} {version}" for package, version in versions.items())
        found[extra] = f"{', '.join(missing)} missing; run: pip install {' '.join(missing)}" if missing else brought
    return found


def _terminal() -> dict[str, str]:
    names = ("TERM", "TERM_PROGRAM", "COLORTERM", "NO_COLOR")
    variables = {name: os.environ[name] for name in names if name in os.environ}
    return {
        "stdout": "a terminal" if sys.stdout.isatty() else "no terminal",
        "stderr": "a terminal" if sys.stderr.isatty() else "no terminal",
        "encoding": str(sys.stdout.encoding),
        "pictures": picture_protocol(os.environ) or "none",
        **variables,
    }


def _settings() -> dict[str, str]:
    found = {}
    for path in preferences.found_files(Path.cwd(), os.environ):
        try:
            table = preferences.read_file(path)
            for name in app.COMMANDS:
                preferences.preferences(name, app.COMMANDS, app.keys_of, [(path, table)], {})
            found[str(path)] = "read"
        except OcrError as error:
            found[str(path)] = str(error)
    variables = {name: value for name, value in sorted(os.environ.items()) if name.startswith(preferences.PREFIX)}
    secret = {preferences.PREFIX + name.upper() for name in preferences.SECRET}
    return found | {name: preferences.HIDDEN if name in secret else value for name, value in variables.items()}
