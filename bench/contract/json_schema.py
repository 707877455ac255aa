"""OpenAPI 3.0 schemas as JSON Schema, with exact numbers and strict formats.

What OpenAPI 3.0 says differently: `nullable` stands beside the type, `$ref` hides its siblings, and formats such as int32 bound
numbers.
"""

import math
import re
from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any
from urllib.parse import urlsplit

from jsonschema import Draft202012Validator, FormatChecker
from jsonschema.validators import extend
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012

_NOT_FOR_VALIDATION = {
    "example",
    "examples",
    "discriminator",
    "xml",
    "externalDocs",
    "deprecated",
    "description",
    "title",
}
_INSTANT = re.compile(r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)")
_WHOLE = {"int32": 31, "int64": 63}

formats = FormatChecker(formats=())


@formats.checks("date-time")
def _is_instant(value: Any) -> bool:
    """RFC 3339 asks for seconds and a zone."""
    if not isinstance(value, str):
        return True
    if not _INSTANT.fullmatch(value):
        return False
    try:
        datetime.fromisoformat(value.upper())
    except ValueError:
        return False
    return True


@formats.checks("uri")
def _is_uri(value: Any) -> bool:
    if not isinstance(value, str):
        return True
    try:
        parts = urlsplit(value)
    except ValueError:
        return False
    return bool(parts.scheme and (parts.netloc or parts.path)) and " " not in value


@formats.checks("int32")
def _fits_int32(value: Any) -> bool:
    return _fits(value, _WHOLE["int32"])


@formats.checks("int64")
def _fits_int64(value: Any) -> bool:
    return _fits(value, _WHOLE["int64"])


@formats.checks("double")
def _fits_double(value: Any) -> bool:
    return not _is_number(value) or math.isfinite(float(value))


def _fits(value: Any, bits: int) -> bool:
    return not _is_number(value) or -(2**bits) <= value < 2**bits


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float | Decimal) and not isinstance(value, bool)


def _is_integer(value: Any) -> bool:
    return _is_number(value) and value == int(value)


_types = Draft202012Validator.TYPE_CHECKER.redefine_many(
    {"number": lambda _checker, value: _is_number(value), "integer": lambda _checker, value: _is_integer(value)}
)
ExactValidator: Any = extend(Draft202012Validator, type_checker=_types)  # type: ignore[no-untyped-call]


def as_json_schema(schema: Any, document: str) -> Any:
    """An OpenAPI 3.0 schema as JSON Schema; its references then lead into the document of that name."""
    if isinstance(schema, list):
        return [as_json_schema(each, document) for each in schema]
    if not isinstance(schema, Mapping):
        return schema
    if "$ref" in schema:
        return {"$ref": f"{document}{schema['$ref']}"}
    kept = {
        name: _named(value, document) if name == "properties" else as_json_schema(value, document)
        for name, value in schema.items()
        if name not in _NOT_FOR_VALIDATION and name not in {"nullable", "readOnly", "writeOnly"}
    }
    if schema.get("nullable"):
        if isinstance(kept.get("type"), str):
            kept["type"] = [kept["type"], "null"]
        if "enum" in kept and None not in kept["enum"]:
            kept["enum"] = [*kept["enum"], None]
    return kept


def _named(schemas: Mapping[str, Any], document: str) -> dict[str, Any]:
    """Schemas by property name, where a name may be one that means something elsewhere (`title`, `example`)."""
    return {name: as_json_schema(each, document) for name, each in schemas.items()}


class Schemas:
    """The component schemas of one OpenAPI document, ready to validate against."""

    def __init__(self, name: str, components: Mapping[str, Any]) -> None:
        self._name = f"urn:{name}"
        content = {"components": {"schemas": _named(components, self._name)}}
        resource: Resource[Any] = Resource.from_contents(content, default_specification=DRAFT202012)
        self._registry: Registry[Any] = Registry().with_resource(self._name, resource)

    def validator(self, schema: Mapping[str, Any]) -> Any:
        """What checks values against a schema of the document."""
        return ExactValidator(as_json_schema(schema, self._name), registry=self._registry, format_checker=formats)
