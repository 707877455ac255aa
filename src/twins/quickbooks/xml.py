"""The XML form of an answer, which the service gives to whoever does not ask for JSON. Writing only."""

import re
from datetime import UTC, datetime
from typing import Any
from xml.sax.saxutils import escape, quoteattr

from twins.quickbooks.values import Json, envelope_time

NAMESPACE = "http://schema.intuit.com/finance/v3"
_RECORD = frozenset({"domain", "sparse", "status"})
_ATTRIBUTES = {
    "QueryResponse": frozenset({"startPosition", "maxResults", "totalCount"}),
    "BatchItemResponse": frozenset({"bId"}),
    "Fault": frozenset({"type"}),
    "Error": frozenset({"code", "element"}),
}
"""What stands in the tag instead of inside it; of records in general `_RECORD` (XSD)."""

_REFERENCE = ("name", "type")
_TAG = re.compile(r"[A-Za-z_][\w.-]*")
_UNSPEAKABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
"""What XML has no way to say; a refusal may quote it."""


def render(body: Json) -> bytes:
    """An answer as XML, its time as an attribute of the root."""
    if "fault" in body:
        body = _from_gateway(body)
    time = quoteattr(str(body.get("time", "")))
    inner = "".join(_element(name, value) for name, value in body.items() if name != "time")
    root = f'<IntuitResponse xmlns="{NAMESPACE}" time={time}>{inner}</IntuitResponse>'
    return _UNSPEAKABLE.sub("", f'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>{root}').encode()


def _from_gateway(body: Json) -> Json:
    """The gateway's fault as it looks in XML, where it has the casing of all others (recorded answer)."""
    fault = body["fault"]
    errors = [
        {
            "code": error["code"],
            "Message": error["message"],
            **({} if error["detail"] is None else {"Detail": error["detail"]}),
        }
        for error in fault["error"]
    ]
    time = envelope_time(datetime.fromtimestamp(body["time"] / 1000, UTC))
    return {"Fault": {"type": fault["type"], "Error": errors}, "time": time}


def _element(name: str, value: Any) -> str:
    """One element, or one for each of a list; nothing for a name that no tag can have."""
    if not _TAG.fullmatch(name):
        return ""
    if isinstance(value, list):
        return "".join(_element(name, each) for each in value)
    if not isinstance(value, dict):
        return f"<{name}>{escape(_scalar(value))}</{name}>"
    if "value" in value and set(value) <= {"value", *_REFERENCE}:
        return f"<{name}{_marks(value, _REFERENCE)}>{escape(str(value['value']))}</{name}>"
    known = _ATTRIBUTES.get(name, _RECORD)
    marks = [key for key in value if key in known and not isinstance(value[key], (dict, list))]
    inner = "".join(_element(key, each) for key, each in value.items() if key not in marks)
    return f"<{name}{_marks(value, marks)}>{inner}</{name}>"


def _marks(value: Json, names: Any) -> str:
    return "".join(f" {name}={quoteattr(_scalar(value[name]))}" for name in names if name in value)


def _scalar(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return "" if value is None else str(value)
