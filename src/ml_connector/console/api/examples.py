"""Examples for the OpenAPI document, made from the shapes themselves, so that none can be out of date.

What a field is called says what stands in it: the words are those of one small company in all of them.
"""

import re
from collections.abc import Mapping
from typing import Any

_WORDS: Mapping[str, Any] = {
    "account": "6100", "act": "link", "action": "rule set", "actor": "kim@example.com", "address": "198.51.100.7",
    "asked_by": "kim@example.com", "becomes": "becomes a bill", "browser": "Firefox on Windows", "by": "rule",
    "card": "3f2a9c", "cause": "vendor-unknown", "choice": "reject", "code": "6100", "company": "Acme US Inc.",
    "company_codes": "US10", "connection": "acme-us", "created_by": "kim@example.com", "currency": "USD", "cursor": "MTAw",
    "detail": "Do what stands here.", "dimension": "account", "endpoint": "https://connector.example.com/webhooks/quickbooks",
    "environment": "production", "external_code": "V-0815", "field": "basware.client_secret", "given_by": "kim@example.com",
    "invoice_id": "8c1f0a52", "invoice_number": "INV-1001", "invoice": "INV-1001", "item": "6100", "job": "invoices",
    "key": "8c1f0a52", "kind": "account", "label": "6100 Travel", "last_link": "connected",
    "link": "https://connector.example.com/connect/quickbooks/…", "login": "pat@example.com", "name": "Pat Lee", "next": "NTA",
    "number": "INV-1001", "order": "PO-7", "page": "docs/errors/vendor-unknown.md", "path": "/welcome/…", "person": "5d7e",
    "proposal": "b1946ac9", "quickbooks_id": "58", "reason": "agreed with Kim", "redirect_uri":
    "https://connector.example.com/connect/quickbooks/callback", "region": "EU", "role": "accountant", "secret": "mlc_…",
    "setting": "policy.posting_date", "status": "works", "step": "check", "subject": "V-0815", "supplier": "Nobody & Sons",
    "supplier_code": "V-0815", "supplier_name": "Nobody & Sons", "target": "6100 Travel", "target_id": "58",
    "target_name": "6100 Travel", "text": "INV-1001", "time_zone": "America/New_York", "title": "The vendor is not known",
    "total": 1250.5, "type": "Bill", "url": "https://connector.example.com", "vendor": "V-0815", "version": 3,
    "what": "map", "what_to_do": "Say which vendor it is.", "who": "a mapper", "why": "same number", "worker": "engine-1",
    "csv": "dimension,code,default,when,priority,target,name,note\\n",
}  # fmt: skip
"""What stands in a field of that name, where its type allows it."""
_MOMENTS = frozenset({"since", "until", "next_due", "last_run", "last_success", "current_to", "quiet_until"})
"""Fields that are moments, besides those that end in `_at`."""
_DEEPEST = 8
_UUID = "0b9e7a52-0000-4000-8000-3f2a9c1d5e60"


def example(schema: Mapping[str, Any], components: Mapping[str, Any], name: str = "", depth: int = 0) -> Any:
    """Something that fits a JSON schema, with words that fit the name of its field."""
    if "$ref" in schema:
        own = str(schema["$ref"]).rpartition("/")[2]
        return example(components[own], components, name, depth)
    for one in ("anyOf", "oneOf"):
        if one in schema:
            choices = [part for part in schema[one] if part.get("type") != "null"] or schema[one]
            return example(choices[0], components, name, depth)
    if "const" in schema:
        return schema["const"]
    if "enum" in schema:
        known = _WORDS.get(name)
        return known if known in schema["enum"] else next((one for one in schema["enum"] if one != ""), "")
    return _of_type(schema, components, name, depth)


def _of_type(schema: Mapping[str, Any], components: Mapping[str, Any], name: str, depth: int) -> Any:
    kind = schema.get("type")
    if kind == "object":
        return _object(schema, components, name, depth)
    if kind == "array":
        return _array(schema, components, name, depth)
    if kind == "boolean":
        return False
    if kind in {"integer", "number"}:
        return _number(schema, name)
    return _text(schema, name) if kind == "string" else {}


def _object(schema: Mapping[str, Any], components: Mapping[str, Any], name: str, depth: int) -> dict[str, Any]:
    properties: Mapping[str, Any] = schema.get("properties", {})
    if depth >= _DEEPEST:
        properties = {one: part for one, part in properties.items() if one in schema.get("required", ())}
    found = {one: example(part, components, one, depth + 1) for one, part in properties.items()}
    more = schema.get("additionalProperties")
    if isinstance(more, Mapping) and not found:
        found = {_key(name): example(more, components, _key(name), depth + 1)}
    return found


def _key(name: str) -> str:
    return {
        "money": "USD",
        "settings": "policy.posting_date",
        "secrets": "basware.client_secret",
        "numbers": "documents",
    }.get(name, "example")


def _array(schema: Mapping[str, Any], components: Mapping[str, Any], name: str, depth: int) -> list[Any]:
    if "prefixItems" in schema:
        return [example(part, components, name, depth + 1) for part in schema["prefixItems"]]
    items = schema.get("items")
    if not isinstance(items, Mapping) or (depth >= _DEEPEST and not schema.get("minItems")):
        return []
    return [example(items, components, name, depth + 1)]


def _number(schema: Mapping[str, Any], name: str) -> Any:
    known = _WORDS.get(name)
    if schema.get("type") == "number":
        return min(known if isinstance(known, float) else 1250.5, schema.get("maximum", 1250.5))
    least = schema.get("minimum", 0)
    return known if isinstance(known, int) and known >= least else max(int(least), 1)


def _text(schema: Mapping[str, Any], name: str) -> str:
    formats = {"date-time": "2026-11-28T09:30:00Z", "date": "2026-11-28", "uuid": _UUID, "duration": "PT30M"}
    if schema.get("format") in formats:
        return formats[schema["format"]]
    if (name.endswith("_at") or name in _MOMENTS) and "pattern" not in schema:
        return formats["date-time"]
    text = str(_WORDS.get(name, name.replace("_", " ") or "text"))[: schema.get("maxLength", 100)]
    return text if re.search(schema.get("pattern", ""), text) else str(schema.get("default", ""))
