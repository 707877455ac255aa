"""Basware's four OpenAPI files as operations: what may be sent where, and what may come back."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any
from urllib.parse import unquote

import msgspec

from contract.json_schema import Schemas
from contract.sources import vendor_file

FILES = ("authentication", "p2p", "push-notification", "data-extract")
_METHODS = {"get", "put", "post", "patch", "delete"}


@dataclass(frozen=True)
class Parameter:
    """One parameter of an operation."""

    name: str
    place: str
    """query, header or path"""
    required: bool
    kind: str
    """string, integer, number or boolean"""
    validator: Any


@dataclass(frozen=True, eq=False)
class Operation:
    """One operation of one file."""

    file: str
    method: str
    template: str
    parameters: tuple[Parameter, ...]
    bodies: Mapping[str, Any]
    """Request body: validators by media type; empty when none is described."""
    body_required: bool
    answers: Mapping[int, Mapping[str, Any]]
    """By status, then by media type: validators; an empty mapping when no content is described."""
    sign_in: frozenset[str]
    """Authorization schemes that are accepted, in lower case; empty: the file asks for none."""

    @property
    def name(self) -> str:
        """Such as `GET /v1/vendors`."""
        return f"{self.method} {self.template}"

    @property
    def resource(self) -> str:
        """What the operation is about, such as `vendors`."""
        return self.template.split("/")[2]

    @property
    def stars(self) -> tuple[str, str]:
        """Method and path with `*` for each id, as the twin names its operations."""
        return self.method, re.sub(r"\{[^}]*\}", "*", self.template)

    def ids(self, path: str) -> dict[str, str] | None:
        """The values in a path of this form; None for any other path."""
        own, given = self.template.strip("/").split("/"), path.strip("/").split("/")
        if len(own) != len(given):
            return None
        found = {}
        for part, actual in zip(own, given, strict=True):
            if part.startswith("{"):
                found[part[1:-1]] = unquote(actual)
            elif part != actual:
                return None
        return found


class Specifications:
    """All operations of all files."""

    def __init__(self, operations: list[Operation]) -> None:
        self.operations = tuple(operations)
        self._by_method: dict[str, list[Operation]] = {}
        for one in sorted(operations, key=lambda each: each.template.count("{")):  # fixed names go before ids
            self._by_method.setdefault(one.method, []).append(one)

    def find(self, method: str, path: str) -> Operation | None:
        """The operation a request is for."""
        return next((one for one in self._by_method.get(method, ()) if one.ids(path) is not None), None)


@cache
def basware() -> Specifications:
    """Basware's published operations. Raises MissingSourceError where a file is not at hand."""
    return Specifications([one for name in FILES for one in operations_of(name, raw(name))])


@cache
def raw(name: str) -> dict[str, Any]:
    """One of Basware's files as it is."""
    tree: dict[str, Any] = msgspec.json.decode(vendor_file("basware", f"basware-{name}-openapi.json").read_bytes())
    return tree


def operations_of(file: str, tree: Mapping[str, Any]) -> list[Operation]:
    """Every operation of an OpenAPI document."""
    document = _Document(file, tree, Schemas(file, tree.get("components", {}).get("schemas", {})))
    return [
        _operation(document, method.upper(), template, described)
        for template, item in tree["paths"].items()
        for method, described in item.items()
        if method in _METHODS
    ]


@dataclass(frozen=True)
class _Document:
    """One OpenAPI file with its schemas."""

    name: str
    tree: Mapping[str, Any]
    schemas: Schemas


def _operation(document: _Document, method: str, template: str, described: Mapping[str, Any]) -> Operation:
    schemas = document.schemas
    body = described.get("requestBody", {})
    return Operation(
        file=document.name,
        method=method,
        template=template,
        parameters=tuple(_parameter(one, schemas) for one in described.get("parameters", ())),
        bodies=_validators(body.get("content", {}), schemas),
        body_required=bool(body.get("required")),
        answers={
            int(status): _validators(answer.get("content", {}), schemas)
            for status, answer in described["responses"].items()
        },
        sign_in=_schemes(document.tree, described),
    )


def _parameter(described: Mapping[str, Any], schemas: Schemas) -> Parameter:
    schema = described["schema"]
    return Parameter(
        name=described["name"],
        place=described["in"],
        required=bool(described.get("required")),
        kind=schema.get("type", "string"),
        validator=schemas.validator(schema),
    )


def _validators(content: Mapping[str, Any], schemas: Schemas) -> dict[str, Any]:
    return {media.lower(): schemas.validator(one.get("schema", {})) for media, one in content.items()}


def _schemes(tree: Mapping[str, Any], described: Mapping[str, Any]) -> frozenset[str]:
    """How to sign in: the names of alternatives in the file mislead (HTTP Basic is called Bearer), their definitions count."""
    known = tree.get("components", {}).get("securitySchemes", {})
    asked = described.get("security", tree.get("security", ()))
    kinds = [known[name] for alternative in asked for name in alternative]
    return frozenset("bearer" if one["type"] == "oauth2" else one["scheme"].lower() for one in kinds)
