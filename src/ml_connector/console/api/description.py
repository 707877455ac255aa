"""The OpenAPI document of the API, made from the operations themselves and the shapes they take and answer."""

from collections.abc import Iterable, Sequence
from http import HTTPStatus
from typing import Any

import msgspec

from ml_connector import __version__
from ml_connector.console.api.examples import example
from ml_connector.console.api.operation import Name, Operation
from ml_connector.console.api.problems import ABOUT, MEDIA, PAGES, Problem
from ml_connector.console.api.service import ROOT
from ml_connector.console.screens import Who

_REF = "#/components/schemas/{name}"

_HERE = "https://connector.example.com"
"""The installation of the examples."""

_KEY = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "description": "Chosen by the caller, new for each call. The same call sent again with it is answered as the first time.",
    "schema": {"type": "string", "minLength": 1, "maxLength": 200, "pattern": "^[\\x21-\\x7e]+$"},
    "example": "set-up-acme-us-1",
}


def describe(operations: Sequence[Operation]) -> dict[str, Any]:
    """The document."""
    shapes = [Problem, *_shapes(operations)]
    schemas, components = msgspec.json.schema_components(shapes, ref_template=_REF)
    known = dict(zip(map(repr, shapes), schemas, strict=True))
    paths: dict[str, dict[str, Any]] = {}
    for one in operations:
        paths.setdefault(ROOT + one.path, {})[one.method.lower()] = _operation(one, known, components)
    components = _as_sent(components)
    for told in (each for path in paths.values() for each in path.values()):
        _show(told, components)
    document = {
        "openapi": "3.1.0",
        "info": {
            "title": "ml-connector",
            "version": __version__,
            "description": "Everything the console can do, for programs. See docs/api.md.",
        },
        "servers": [{"url": "/"}],
        "security": [{"token": []}],
        "tags": [{"name": tag} for tag in dict.fromkeys(one.tag for one in operations)],
        "paths": paths,
        "components": {
            "schemas": components,
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
        },
    }
    return _as_sent(document)  # type: ignore[no-any-return]  # it is a document and stays one


def _shapes(operations: Iterable[Operation]) -> list[Any]:
    found: dict[str, Any] = {}
    for one in operations:
        for shape in (one.answer, one.query, one.body, *one.given.values(), Name):
            if shape is not None:
                found.setdefault(repr(shape), shape)
    return list(found.values())


def _operation(one: Operation, known: dict[str, Any], components: dict[str, Any]) -> dict[str, Any]:
    told: dict[str, Any] = {
        "operationId": one.name,
        "summary": one.summary,
        "tags": [one.tag],
        "parameters": [*_parts(one, known), *_query(one, known, components)],
        "responses": {
            "200": {
                "description": "Done." if one.writes else "What was asked for.",
                "content": {"application/json": {"schema": _as_sent(known[repr(one.answer)])}},
            },
            **{str(int(status)): _refusal(status, known) for status in _refusals(one)},
        },
        "description": _about(one),
    }
    if one.writes:
        told["parameters"].append(_KEY)
    if one.body:
        told["requestBody"] = {"required": True, "content": {"application/json": {"schema": known[repr(one.body)]}}}
        if one.example is not None:
            told["requestBody"]["content"]["application/json"]["example"] = one.example
    return told


def _about(one: Operation) -> str:
    """Who may do it, and what else there is to know."""
    if "{connection}" in one.path:
        who = f"Needs the right to {one.right.value} in the connection."
    elif one.who is not Who.ANYBODY:
        who = f"Needs the token of {one.who.value}."
    else:
        who = "For every token that may do more than read." if one.writes else "For every token."
    once = f"Told once and never again: {', '.join(one.once)}." if one.once else ""
    asks = "Asks QuickBooks or Basware while you wait." if one.asks_vendors else ""
    return " ".join(filter(None, (who, asks, once, one.note)))


def _show(told: dict[str, Any], components: dict[str, Any]) -> None:
    """Put an example beside each schema."""
    bodies = [told["requestBody"]] if "requestBody" in told else []
    for part in [*bodies, told["responses"]["200"]]:
        media = part["content"]["application/json"]
        media.setdefault("example", example(media["schema"], components))
    for one in told["parameters"]:
        if one["in"] != "query":
            one.setdefault("example", example(one["schema"], components, one["name"]))


def _parts(one: Operation, known: dict[str, Any]) -> list[dict[str, Any]]:
    names = [part[1:-1] for part in one.path.split("/") if part.startswith("{")]
    return [
        {"name": name, "in": "path", "required": True, "schema": known[repr(one.given.get(name, Name))]}
        for name in names
    ]


def _query(one: Operation, known: dict[str, Any], components: dict[str, Any]) -> list[dict[str, Any]]:
    if one.query is None:
        return []
    shape = components[known[repr(one.query)]["$ref"].rpartition("/")[2]]
    required = set(shape.get("required", ()))
    return [
        {"name": name, "in": "query", "required": name in required, "schema": schema}
        for name, schema in shape["properties"].items()
    ]


def _refusals(one: Operation) -> list[HTTPStatus]:
    """Every status besides success that the operation may answer."""
    found = {
        HTTPStatus.UNAUTHORIZED, HTTPStatus.UNPROCESSABLE_ENTITY, HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE
    }  # fmt: skip
    if "{" in one.path or one.misses:
        found.add(HTTPStatus.NOT_FOUND)
    if one.writes or one.right.value != "view" or one.who is not Who.ANYBODY:
        found |= {HTTPStatus.FORBIDDEN}
    if one.writes:
        found.add(HTTPStatus.CONFLICT)
    if one.body:
        found |= {HTTPStatus.BAD_REQUEST, HTTPStatus.REQUEST_ENTITY_TOO_LARGE, HTTPStatus.UNSUPPORTED_MEDIA_TYPE}
    if one.asks_vendors:
        found |= {HTTPStatus.BAD_GATEWAY, HTTPStatus.CONFLICT}
    return sorted(found)


def _refusal(status: HTTPStatus, known: dict[str, Any]) -> dict[str, Any]:
    """One answer that is no success, with an example of each kind it may be."""
    kinds = {kind: about for kind, about in ABOUT.items() if about.status is status}
    examples = {
        kind.value: {"value": {
            "type": f"{_HERE}{PAGES}/{kind}", "code": kind.value, "title": about.title, "status": int(status),
            "detail": about.why, "what_to_do": about.next,
        }}
        for kind, about in kinds.items()
    }  # fmt: skip
    content = {MEDIA: {"schema": known[repr(Problem)], "examples": examples}}
    told: dict[str, Any] = {"description": " Or: ".join(about.why for about in kinds.values()), "content": content}
    if status is HTTPStatus.TOO_MANY_REQUESTS:
        told["headers"] = {"Retry-After": {"description": "Seconds to wait.", "schema": {"type": "integer"}}}
    return told


def _as_sent(tree: Any) -> Any:
    """Amounts are sent as exact numbers, where the library that describes shapes takes them for texts."""
    if isinstance(tree, dict):
        if tree.get("format") == "decimal":
            return {name: part for name, part in tree.items() if name != "format"} | {"type": "number"}
        return {name: _as_sent(part) for name, part in tree.items()}
    return [_as_sent(part) for part in tree] if isinstance(tree, list | tuple) else tree
