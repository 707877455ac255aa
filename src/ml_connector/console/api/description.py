"""The OpenAPI document of the API, made from the operations themselves and the shapes they take and answer."""

from collections.abc import Iterable, Sequence
from http import HTTPStatus
from typing import Any

import msgspec

from ml_connector import __version__
from ml_connector.console.api.operation import Name, Operation
from ml_connector.console.api.problems import ABOUT, MEDIA, Problem
from ml_connector.console.api.service import ROOT

_REF = "#/components/schemas/{name}"

_KEY = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "description": "Chosen by the caller, new for each call. The same call sent again with it is answered as the first time.",
    "schema": {"type": "string", "minLength": 1, "maxLength": 200, "pattern": "^[\\x21-\\x7e]+$"},
}


def describe(operations: Sequence[Operation]) -> dict[str, Any]:
    """The document."""
    shapes = [Problem, *_shapes(operations)]
    schemas, components = msgspec.json.schema_components(shapes, ref_template=_REF)
    known = dict(zip(map(repr, shapes), schemas, strict=True))
    paths: dict[str, dict[str, Any]] = {}
    for one in operations:
        paths.setdefault(ROOT + one.path, {})[one.method.lower()] = _operation(one, known, components)
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
                "content": {"application/json": {"schema": known[repr(one.answer)]}},
            },
            **{str(int(status)): _refusal(status, known) for status in _refusals(one)},
        },
    }
    if "{connection}" in one.path:
        told["description"] = f"Needs the right to {one.right.value} in the connection."
    if one.writes:
        told["parameters"].append(_KEY)
    if one.body:
        told["requestBody"] = {"required": True, "content": {"application/json": {"schema": known[repr(one.body)]}}}
    return told


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
    found = {HTTPStatus.UNAUTHORIZED, HTTPStatus.UNPROCESSABLE_ENTITY, HTTPStatus.SERVICE_UNAVAILABLE}
    if "{" in one.path:
        found.add(HTTPStatus.NOT_FOUND)
    if one.writes or one.right.value != "view":
        found |= {HTTPStatus.FORBIDDEN}
    if one.writes:
        found.add(HTTPStatus.CONFLICT)
    if one.body:
        found |= {HTTPStatus.BAD_REQUEST, HTTPStatus.REQUEST_ENTITY_TOO_LARGE, HTTPStatus.UNSUPPORTED_MEDIA_TYPE}
    if one.asks_vendors:
        found |= {HTTPStatus.BAD_GATEWAY, HTTPStatus.CONFLICT}
    return sorted(found)


def _refusal(status: HTTPStatus, known: dict[str, Any]) -> dict[str, Any]:
    return {"description": ABOUT[status], "content": {MEDIA: {"schema": known[repr(Problem)]}}}


def _as_sent(tree: Any) -> Any:
    """Amounts are sent as exact numbers, where the library that describes shapes takes them for texts."""
    if isinstance(tree, dict):
        if tree.get("format") == "decimal":
            return {name: part for name, part in tree.items() if name != "format"} | {"type": "number"}
        return {name: _as_sent(part) for name, part in tree.items()}
    return [_as_sent(part) for part in tree] if isinstance(tree, list | tuple) else tree
