"""The XML form of an answer, which the service gives to whoever does not ask for JSON. Writing only."""

from typing import Any
from xml.sax.saxutils import escape, quoteattr

from twins.quickbooks.values import Json

NAMESPACE = "http://schema.intuit.com/finance/v3"
_ATTRIBUTES = {
    "domain",
    "sparse",
    "status",
    "bId",
    "startPosition",
    "maxResults",
    "totalCount",
    "type",
    "code",
    "element",
    "name",
}
_FLAT = {"BatchItemResponse", "CDCResponse", "QueryResponse", "Fault"}


def render(body: Json) -> bytes:
    """An answer as XML, its time as an attribute of the root."""
    time = quoteattr(str(body.get("time", "")))
    inner = "".join(_element(name, value) for name, value in body.items() if name != "time")
    root = f'<IntuitResponse xmlns="{NAMESPACE}" time={time}>{inner}</IntuitResponse>'
    return f'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>{root}'.encode()


def _element(name: str, value: Any) -> str:
    if isinstance(value, list):
        return "".join(_element(name, each) for each in value)
    if not isinstance(value, dict):
        return f"<{name}>{escape(_scalar(value))}</{name}>"
    if set(value) <= {"value", "name", "type"} and "value" in value:
        named = f" name={quoteattr(str(value['name']))}" if "name" in value else ""
        return f"<{name}{named}>{escape(str(value['value']))}</{name}>"
    marks = {key: each for key, each in value.items() if key in _ATTRIBUTES and not isinstance(each, (dict, list))}
    if name not in _FLAT and "code" not in marks:
        marks = {key: each for key, each in marks.items() if key in {"domain", "sparse", "status", "bId"}}
    attributes = "".join(f" {key}={quoteattr(_scalar(each))}" for key, each in marks.items())
    inner = "".join(_element(key, each) for key, each in value.items() if key not in marks)
    return f"<{name}{attributes}>{inner}</{name}>"


def _scalar(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return "" if value is None else str(value)
