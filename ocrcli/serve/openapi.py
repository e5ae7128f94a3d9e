"""The OpenAPI document of the server, made from the same tables that answer."""

from __future__ import annotations

import json
from importlib.metadata import version
from importlib.resources import files
from typing import Any

from ocrcli.core.settings import Settings
from ocrcli.serve.media import DEFAULT, MEDIA
from ocrcli.serve.query import LONGEST, PARAMETERS, Parameter

ERRORS = {
    "400": "A parameter is wrong, or there is no file.",
    "401": "The token is missing or wrong.",
    "403": "The request comes from another site.",
    "406": "Accept names no known format.",
    "408": "The upload took too long.",
    "413": "The upload is too large.",
    "415": "The body is neither multipart/form-data nor an image.",
    "422": "The photo cannot be read, or has no writing.",
    "429": "Too many requests at once; see Retry-After.",
    "500": "The process that read the photo died, or a bug.",
    "501": "The format needs a package that is not installed.",
    "503": "Reading takes too long, or the server is being stopped.",
    "507": "There is no room for the upload.",
}
"""Status -> what it means."""


def document(settings: Settings, size: int, address: str) -> dict[str, Any]:
    """Make the OpenAPI document.

    Args:
        settings: How the server reads where a request does not say.
        size: Most bytes of a request.
        address: Where the server can be reached.
    """
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "ocr serve",
            "summary": "Reads photographed handwritten notes.",
            "description": f"Requests may have up to {size / 1e6:g} megabytes.",
            "version": version("ocrcli"),
            "license": {"name": "MIT", "identifier": "MIT"},
        },
        "servers": [{"url": address}],
        "paths": {
            "/read": {"post": _read(settings)},
            "/health": {"get": _health()},
        },
        "components": {
            "schemas": {"Error": _error(), **_schemas()},
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
        },
    }


def _read(settings: Settings) -> dict[str, Any]:
    file = {"type": "string", "contentMediaType": "application/octet-stream"}
    form = {"type": "object", "properties": {"file": {"type": "array", "items": file}}, "required": ["file"]}
    content: dict[str, Any] = {kind: {"schema": {"type": "string"}} for kind in MEDIA.values()}
    content[MEDIA[DEFAULT]] = {"schema": {"$ref": "#/components/schemas/Pages"}}
    failed = {"description": "Number of pages that could not be read.", "schema": {"type": "integer"}}
    answers: dict[str, Any] = {
        "200": {"description": "What was read.", "content": content, "headers": {"Ocr-Failed": failed}}
    }
    refused = {MEDIA["json"]: {"schema": {"$ref": "#/components/schemas/Error"}}}
    answers |= {status: {"description": told, "content": refused} for status, told in ERRORS.items()}
    answers["429"]["headers"] = {"Retry-After": {"description": "Seconds to wait.", "schema": {"type": "integer"}}}
    return {
        "summary": "Read one or several photos.",
        "operationId": "read",
        "security": [{}, {"token": []}],
        "parameters": [_parameter(name, parameter, settings) for name, parameter in PARAMETERS.items()],
        "requestBody": {
            "required": True,
            "content": {
                "multipart/form-data": {"schema": form},
                "image/*": {"schema": file},
                "application/pdf": {"schema": file},
            },
        },
        "responses": answers,
    }


def _parameter(name: str, parameter: Parameter, settings: Settings) -> dict[str, Any]:
    schema: dict[str, Any] = {"type": parameter.type}
    if parameter.names:
        schema["enum"] = list(parameter.names)
    elif parameter.type == "number":
        schema |= {"minimum": 0, "maximum": 1}
    elif parameter.type == "string":
        schema["maxLength"] = LONGEST
    if not parameter.field and (default := getattr(settings, name)) is not None:
        schema["default"] = default
    return {"name": name, "in": "query", "description": parameter.help, "schema": schema}


def _health() -> dict[str, Any]:
    properties = {"status": {"type": "string"}, "version": {"type": "string"}, "workers": {"type": "integer"}}
    schema = {"type": "object", "properties": {**properties, "in_flight": {"type": "integer"}}}
    content = {MEDIA["json"]: {"schema": schema}}
    return {
        "summary": "Whether photos can be read.",
        "operationId": "health",
        "responses": {
            "200": {"description": "They can.", "content": content},
            "503": {"description": "They cannot.", "content": content},
        },
    }


def _error() -> dict[str, Any]:
    text = {"type": "string"}
    one = {"type": "object", "properties": {"kind": text, "message": text}, "required": ["kind", "message"]}
    several = {"type": "array", "items": one, "description": "Of each page, where there are several."}
    return {"type": "object", "properties": {"error": one, "errors": several}, "required": ["error"]}


def _schemas() -> dict[str, Any]:
    """The schemas of the JSON format, with the `errors` that the server adds."""
    text = (files("ocrcli.formats") / "page.schema.json").read_text(encoding="utf-8")
    schema = json.loads(text.replace('"#/$defs/', '"#/components/schemas/'))
    parts = schema.pop("$defs")
    one = {"type": "object", "properties": {name: {"type": "string"} for name in ("image", "kind", "message")}}
    told = {"type": "array", "items": one, "description": "Pages that could not be read; missing if there are none."}
    whole = {name: value for name, value in schema.items() if not name.startswith("$")}
    return {**parts, "Pages": {**whole, "properties": {**whole["properties"], "errors": told}}}
