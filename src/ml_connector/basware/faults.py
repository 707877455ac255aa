"""What Basware says when it refuses, in whichever of its shapes, and what to do about it.

Basware's services answer errors in at least six forms, some with no body at all. Reading them never fails; deciding is one table
from error code and HTTP status to an action, the person who can act, and a sentence for an accountant.
"""

import re
from enum import StrEnum
from typing import Any

import msgspec

from ml_connector.model.holds import Who


class Action(StrEnum):
    """What to do next."""

    RETRY = "retry"
    WAIT = "wait"
    REAUTHORIZE = "reauthorize"
    FIX_DATA = "fix data"
    FIX_SETUP = "fix set-up"
    REREAD = "read again"
    BUG = "bug"


class Fault(msgspec.Struct, frozen=True, kw_only=True):
    """One error as Basware named it; every part may be empty. Secrets are masked."""

    code: str = ""
    message: str = ""
    type: str = ""
    external_code: str = ""

    def __str__(self) -> str:
        return ": ".join(part for part in (self.code, self.external_code, self.message) if part)


class Rule(msgspec.Struct, frozen=True, kw_only=True):
    """What to do about a fault, who can do it, and how to say it to an accountant."""

    action: Action
    who: Who
    sentence: str


def _rule(action: Action, who: Who, sentence: str) -> Rule:
    return Rule(action=action, who=who, sentence=sentence)


_CREDENTIALS = _rule(
    Action.REAUTHORIZE,
    Who.ADMINISTRATOR,
    "Basware does not accept our sign-in. Check the client id and secret of the connection.",
)
_SCOPE = _rule(
    Action.FIX_SETUP,
    Who.ADMINISTRATOR,
    "Our Basware sign-in may not do this. Ask Basware to grant the missing right to the API client.",
)
_BAD_VALUE = _rule(Action.FIX_DATA, Who.ADMINISTRATOR, "Basware refused a value we sent; its message says which.")
_CONFLICT = _rule(
    Action.REREAD,
    Who.NOBODY,
    "Basware has changed the record meanwhile, or knows this answer already. It is read again.",
)
_GONE = _rule(
    Action.REREAD,
    Who.AP_TEAM,
    "Basware does not know this record any more. Look the invoice up in Basware; it may have been removed.",
)
_NOT_NOW = _rule(
    Action.REREAD,
    Who.NOBODY,
    "Basware has already taken note of this, or the invoice is in another state. Its state is read again.",
)
_TROUBLE = _rule(Action.RETRY, Who.NOBODY, "Basware has trouble of its own at the moment. It is tried again.")
_BUSY = _rule(Action.WAIT, Who.NOBODY, "Basware asks for a pause. Work goes on by itself afterwards.")
_OURS = _rule(
    Action.BUG, Who.ADMINISTRATOR, "Basware could not make sense of our request. Please report it with the request id."
)

# Codes of ResponseEntity.code in the Basware P2P spec; the last three are OAuth2's own (Basware authentication spec, 400 and 401).
_BY_CODE: dict[str, Rule] = {
    "EXTERNAL_CODE_MISMATCH": _OURS,
    "SCHEMA_VALIDATION_ERROR": _BAD_VALUE,
    "PARAMETER_VALIDATION_ERROR": _BAD_VALUE,
    "DATA_VALIDATION_FAILED": _BAD_VALUE,
    "DATA_ORIGIN_VALIDATION_ERROR": _rule(
        Action.FIX_SETUP,
        Who.ADMINISTRATOR,
        "Basware says this record belongs to another source system. Check the connection.",
    ),
    "CONFLICT_IN_POST": _CONFLICT,
    "ACCESS_TOKEN_VALIDATION_ERROR": _CREDENTIALS,
    "CREDENTIAL_VALIDATION_ERROR": _CREDENTIALS,
    "UNEXPECTED_ERROR": _TROUBLE,
    "METHOD_NOT_ALLOWED": _NOT_NOW,
    "ENTITY_NOT_FOUND": _GONE,
    "SNS_PUBLISH_ERROR": _TROUBLE,
    "SQS_PUBLISH_ERROR": _TROUBLE,
    "invalid_client": _CREDENTIALS,
    "invalid_scope": _SCOPE,
    "unauthorized_client": _SCOPE,
    "invalid_request": _OURS,
}

# HTTP statuses as used by the Basware P2P spec; 413 and 429 are in no Basware spec and are understood all the same.
_BY_STATUS: dict[int, Rule] = {
    400: _BAD_VALUE,
    401: _CREDENTIALS,
    403: _SCOPE,
    404: _GONE,
    405: _NOT_NOW,
    409: _CONFLICT,
    413: _rule(
        Action.BUG, Who.ADMINISTRATOR, "What we sent is larger than Basware takes in one call (6 MB). Please report it."
    ),
    422: _OURS,
    429: _BUSY,
    500: _TROUBLE,
    502: _TROUBLE,
    503: _BUSY,
    504: _TROUBLE,
}


def rule_for(status: int, code: str = "") -> Rule:
    """What to do about an answer. The code decides where it is known, then the status; 5xx is tried again, the rest is a bug.

    Status 0 means that no answer came at all.
    """
    known = _BY_CODE.get(code) or _BY_STATUS.get(status)
    if known is not None:
        return known
    return _TROUBLE if status == 0 or status >= 500 else _OURS


_SECRETS = re.compile(
    r"(?i)(eyJ[\w-]{5,}\.[\w-]+(?:\.[\w-]*)?)"
    r"|(?<=bearer )[\w.~+/=-]{8,}"
    r"|(?<=basic )[\w+/=]{8,}"
    r"|(?<=signature=)[^&\s\"']+"
)
_LONGEST = 500


def redact(text: str) -> str:
    """Text from an answer, with tokens and signatures masked, short enough for a log or a page."""
    masked = _SECRETS.sub("[hidden]", text.strip())
    return masked if len(masked) <= _LONGEST else masked[: _LONGEST - 1] + "…"


def parse_faults(content_type: str, body: bytes) -> tuple[Fault, ...]:
    """Every error an answer names, whatever its shape: P2P, authentication, push, data extract, network, FastAPI, XML, HTML.

    An empty body names none. An unknown shape becomes one fault whose message is the beginning of the body.
    """
    text = body.decode("utf-8", errors="replace").strip().lstrip("\ufeff")
    if not text:
        return ()
    if text.startswith("<") or "html" in content_type or "xml" in content_type:
        return (_from_markup(text),)
    try:
        tree = msgspec.json.decode(text)
    except (msgspec.DecodeError, RecursionError):
        return (Fault(message=redact(text)),)
    return tuple(_from_tree(tree)) or (Fault(message=redact(text)),)


def _from_markup(text: str) -> Fault:
    def inside(tag: str) -> str:
        found = re.search(rf"<{tag}[^>]*>(.*?)</{tag}>", text, re.IGNORECASE | re.DOTALL)
        return found.group(1).strip() if found else ""

    message = inside("message") or inside("title") or " ".join(re.sub(r"<[^>]*>", " ", text).split())
    return Fault(code=inside("code"), message=redact(message))


def _from_tree(tree: Any) -> list[Fault]:
    if isinstance(tree, list):
        return [fault for item in tree for fault in _from_tree(item)]
    if isinstance(tree, dict):
        return _from_object({str(name).lower(): value for name, value in tree.items()})
    return [Fault(message=redact(tree))] if isinstance(tree, str) else []


def _from_object(fields: dict[str, Any]) -> list[Fault]:
    for container in ("errors", "errormessages", "detail"):
        inner = fields.get(container)
        if isinstance(inner, list) and inner:
            return _from_tree(inner)
        if isinstance(inner, dict) and inner:
            return _from_named(inner)
    named = fields.keys() & {"code", "message", "msg", "error", "detail", "error_description", "title"}
    return [_from_fields(fields)] if named else []


def _from_named(errors: dict[str, Any]) -> list[Fault]:
    """Errors keyed by field name, as ASP.NET and the Network API write them."""
    return [
        Fault(external_code=str(name), message=redact(str(message)))
        for name, value in errors.items()
        for message in (value if isinstance(value, list) else [value])
    ]


def _from_fields(fields: dict[str, Any]) -> Fault:
    def text(*names: str) -> str:
        return next((str(fields[name]) for name in names if fields.get(name) not in (None, "")), "")

    message = text("message", "msg", "error_description", "detail", "title")
    place = ".".join(str(step) for step in fields["loc"]) if isinstance(fields.get("loc"), list) else ""
    return Fault(
        code=redact(text("code", "error")),
        message=redact(f"{place}: {message}" if place else message),
        type=text("type"),
        external_code=text("externalcode"),
    )
