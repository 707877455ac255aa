"""Reads QuickBooks' refusals in every shape they come in, and says what each means.

A refusal may be JSON in two casings, XML, a gateway's web page or nothing at all. Nothing that leaves this module carries a
token: Intuit's own texts quote them. Knows nothing of calls; `errors.py` turns faults into exceptions.
"""

import re
from collections.abc import Iterable, Mapping
from typing import Any
from xml.etree import ElementTree as ET

import msgspec

from ml_connector.model.books import TransactionType
from ml_connector.quickbooks.fault_table import (
    DELETED_RULE,
    NO_FAULT_RULE,
    RULES,
    UNKNOWN_RULE,
    VALUE_RULE,
    Action,
    Rule,
)

__all__ = ["RULES", "Action", "Fault", "Rule", "duplicate_target", "faults_in", "parse_faults", "redact", "rule_for"]

_TEXT_LIMIT = 1000
_PAGE_LIMIT = 300


class Fault(msgspec.Struct, frozen=True, kw_only=True):
    """One error of a QuickBooks answer. `element` names the field at fault, when the service says so; texts carry no tokens."""

    code: str
    message: str = ""
    detail: str = ""
    element: str = ""
    type: str = ""


_SECRETS: tuple[re.Pattern[str], ...] = (
    re.compile(r"(?i)\b((?:bearer|basic)\s+)[\w.+/=~-]{8,}"),
    re.compile(
        r"""(?i)((?:\btoken\s+(?:expired|revoked|invalid|rejected)|\w*token|client_secret)["']?\s*[:=]\s*["']?)[^\s"',;&<]+"""
    ),
    re.compile(r"()\bRT1-[\w-]+"),
    re.compile(r"()\beyJ[\w.-]{8,}"),
    re.compile(r"()\bAB\d{2}\w{26,}"),
    re.compile(r"()[\w.-]{80,}"),
)


def redact(text: str) -> str:
    """The text with anything that looks like a token or secret replaced, cut to a length fit for logs and screens."""
    for pattern in _SECRETS:
        text = pattern.sub(r"\1[removed]", text)
    return text[:_TEXT_LIMIT]


def parse_faults(status: int, content_type: str, body: bytes) -> tuple[Fault, ...]:
    """All faults of an answer. A success without a fault inside gives none; any other status gives at least one."""
    text = body.decode("utf-8", errors="replace").lstrip("\ufeff \r\n\t")
    found: tuple[Fault, ...] = ()
    if text[:1] in {"{", "["}:
        found = _from_json(body)
    elif text[:1] == "<" and not _is_web_page(content_type, text):
        found = _from_xml(text)
    if found or 200 <= status < 300:
        return found
    return (Fault(code="", message=f"HTTP {status}", detail=redact(_visible_text(text)[:_PAGE_LIMIT])),)


def faults_in(answer: Mapping[str, Any]) -> tuple[Fault, ...]:
    """The faults inside a decoded answer or one item of a batch; none if it has no Fault member."""
    fault = _member(answer, "Fault")
    if fault is None:
        return ()
    if not isinstance(fault, Mapping):
        return (Fault(code="", message="unreadable fault", detail=redact(str(fault))),)
    kind = _text(_member(fault, "type"))
    errors = _member(fault, "Error")
    entries: Iterable[Any] = errors if isinstance(errors, list) else [errors]
    found = tuple(_one(entry, kind) for entry in entries if isinstance(entry, Mapping))
    return found or (Fault(code="", message="fault without an error", type=kind),)


# Intuit's documents and its service spell the types differently, one of them with a letter missing.
_CODE_OF_TYPE = {
    "systemfault": "10000",
    "service": "3001",
    "authentication": "3200",
    "authenticationfault": "3200",
    "authorization": "3100",
    "authorizationfault": "3100",
    "authorizatonfault": "3100",
}


def rule_for(fault: Fault) -> Rule:
    """What to do about a fault. Codes nobody documented are never repeated by themselves, except breakdowns of the service."""
    if fault.code == "610" and "deleted" in fault.detail.lower():
        return DELETED_RULE
    if fault.code in RULES:
        return RULES[fault.code]
    if fault.code.isdecimal() and 2060 <= int(fault.code) <= 2190:
        return VALUE_RULE
    if code := _CODE_OF_TYPE.get(fault.type.lower()):
        return RULES[code]
    return UNKNOWN_RULE if fault.code else NO_FAULT_RULE


_DUPLICATE = re.compile(r".*TxnType\s*=\s*(?P<type>[A-Za-z ]+?)\s+with\s+TxnId\s*=\s*(?P<id>\w+)", re.DOTALL)


def duplicate_target(fault: Fault) -> tuple[TransactionType | str, str] | None:
    """The transaction that has the number already, as named in the detail of a duplicate number fault (6140).

    The type is one of ours where we post such transactions, else QuickBooks' own word; None when the detail names nothing.
    """
    match = _DUPLICATE.match(fault.detail) if fault.code == "6140" else None
    if match is None:
        return None
    word = match["type"].strip()
    known = {kind.lower(): kind for kind in TransactionType}
    return known.get(word.replace(" ", "").lower(), word), match["id"]


def _member(mapping: Mapping[str, Any], name: str) -> Any:
    """A member by name, in either casing of its first letter."""
    return mapping.get(name, mapping.get(name[0].swapcase() + name[1:]))


def _text(value: object) -> str:
    return "" if value is None else str(value)


_CODE_IN_MESSAGE = re.compile(r"errorCode=0*(\d+)")


def _one(entry: Mapping[str, Any], kind: str) -> Fault:
    message = _text(_member(entry, "message"))
    code = _text(_member(entry, "code")).strip()
    if not code and (match := _CODE_IN_MESSAGE.search(message)):
        code = match[1]
    return Fault(
        code=(code.lstrip("0") or code) if code.isdecimal() else code,
        message=redact(message),
        detail=redact(_text(_member(entry, "detail"))),
        element=_text(_member(entry, "element")),
        type=kind,
    )


def _from_json(body: bytes) -> tuple[Fault, ...]:
    try:
        answer = msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return ()
    return (faults_in(answer) or _other_shapes(answer)) if isinstance(answer, dict) else ()


def _other_shapes(answer: dict[str, Any]) -> tuple[Fault, ...]:
    """Refusals without a Fault member, by services in front of or beside the accounting API."""
    if isinstance(answer.get("error"), str):  # the sign-in service, RFC 6749 section 5.2
        return (
            Fault(code=answer["error"], message=answer["error"], detail=redact(_text(answer.get("error_description")))),
        )
    if "code" in answer and ("detail" in answer or "message" in answer):  # the gateway
        return (_one(answer, _text(answer.get("type"))),)
    errors = answer.get("errors")
    if isinstance(errors, list):
        return tuple(_one(_flattened(entry), "") for entry in errors if isinstance(entry, Mapping))
    return ()


def _flattened(entry: Mapping[str, Any]) -> Mapping[str, Any]:
    """A GraphQL error with the members of its `extensions` beside its message."""
    extensions = entry.get("extensions")
    return {**extensions, **entry} if isinstance(extensions, Mapping) else entry


def _from_xml(text: str) -> tuple[Fault, ...]:
    if "<!DOCTYPE" in text or "<!ENTITY" in text:  # a fault declares nothing; entity tricks are not worth parsing
        return ()
    try:
        root = ET.fromstring(text)  # noqa: S314  declarations were refused above
    except ET.ParseError:
        return ()
    found: list[Fault] = []
    for fault in (node for node in root.iter() if _local(node.tag) == "fault"):
        for error in (node for node in fault if _local(node.tag) == "error"):
            children = {_local(child.tag): (child.text or "").strip() for child in error}
            found.append(_one({**children, **error.attrib}, fault.get("type", "")))
    return tuple(found)


def _local(tag: str) -> str:
    """An element's name without its namespace, in lower case."""
    return tag.rpartition("}")[2].lower()


def _is_web_page(content_type: str, text: str) -> bool:
    return "html" in content_type.lower() or text[:200].lower().startswith(("<!doctype html", "<html"))


def _visible_text(text: str) -> str:
    without_code = re.sub(r"(?is)<(script|style)\b.*?</\1\s*>", " ", text)
    return " ".join(re.sub(r"<[^>]*>", " ", without_code).split())
