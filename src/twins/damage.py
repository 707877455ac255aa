"""What bad luck does to an answer: stock answers in several shapes, and right ones made late, incomplete or unfamiliar.

Pure: an answer in, an answer out. The rules that say when are in `faults.py`.
"""

import gzip
from collections.abc import Callable, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import replace
from decimal import Decimal
from enum import StrEnum
from typing import Any

import msgspec

from twins.http import Response
from twins.manners import VendorError

_decode = msgspec.json.Decoder(float_hook=Decimal).decode
_encode = msgspec.json.Encoder(decimal_format="number").encode

NEWS = {"since": "a minor release"}
"""What an unknown field holds."""


class BodyForm(StrEnum):
    """The shape of the body of a false status."""

    JSON = "json"
    XML = "xml"
    HTML = "html"
    EMPTY = "empty"


_STOCK: dict[BodyForm, tuple[str, str]] = {
    BodyForm.JSON: ("application/json", '{{"message":"Fault {status} injected"}}'),
    BodyForm.XML: ("application/xml", '<?xml version="1.0" encoding="UTF-8"?><Error><Code>{status}</Code></Error>'),
    BodyForm.HTML: ("text/html", "<html><head><title>{status}</title></head><body><h1>{status}</h1></body></html>"),
    BodyForm.EMPTY: ("", ""),
}


def stock_answer(
    status: int, form: BodyForm, *, text: str | None, content_type: str, retry_after: float | None
) -> Response:
    """A false answer. `text` takes the place of the form's own."""
    usual_type, template = _STOCK[form]
    body = template.format(status=status) if text is None else text
    return _with_headers(Response(status, {}, body.encode()), content_type or usual_type, retry_after)


def vendor_answer(error: VendorError, *, status: int, retry_after: float | None) -> Response:
    """A false answer in the vendor's own words, with its own status unless another is given."""
    body = b"" if error.body is None else _encode(error.body)
    answer = Response(status or error.status, dict(error.headers), body)
    return _with_headers(answer, "application/json" if body else "", retry_after)


def _with_headers(answer: Response, content_type: str, retry_after: float | None) -> Response:
    headers = dict(answer.headers)
    if content_type:
        headers["Content-Type"] = content_type
    if retry_after is not None:
        headers["Retry-After"] = f"{retry_after:g}"
    return replace(answer, headers=headers)


def late(answer: Response, seconds: float) -> Response:
    """The right answer, later."""
    return replace(answer, delay=answer.delay + seconds)


def truncated(answer: Response, keep: float) -> Response:
    """The first part of the body as a whole HTTP message, so that only a parser notices."""
    return _with_body(answer, answer.body[: int(len(answer.body) * keep)])


def broken_off(answer: Response, keep: float) -> Response:
    """The whole message announced, and the connection cut when the first part of the body has arrived."""
    return replace(answer, cut=min(int(len(answer.body) * keep), max(len(answer.body) - 1, 0)))


def with_extra_fields(answer: Response, field: str) -> Response:
    """One unknown field in every JSON object."""
    return _changed(answer, lambda fields: {**fields, field: NEWS})


def with_unknown_values(answer: Response, fields: frozenset[str], value: str) -> Response:
    """Every named field that holds text holds a value nobody knows."""
    return _changed(
        answer,
        lambda found: {
            name: value if name in fields and isinstance(held, str) else held for name, held in found.items()
        },
    )


def without_fields(answer: Response, fields: frozenset[str]) -> Response:
    """Without the named fields; with none named, without those that are null."""
    return _changed(
        answer,
        lambda found: {
            name: held
            for name, held in found.items()
            if not (name in fields if fields else held is None)
        },
    )  # fmt: skip


def _changed(answer: Response, change: Callable[[dict[str, Any]], dict[str, Any]]) -> Response:
    """The answer with every JSON object changed; as it is when it isn't JSON."""
    if not answer.body or "json" not in _header(answer.headers, "content-type"):
        return answer

    def through(value: Any) -> Any:
        if isinstance(value, dict):
            return change({name: through(inner) for name, inner in value.items()})
        return [through(inner) for inner in value] if isinstance(value, list) else value

    zipped = _header(answer.headers, "content-encoding") == "gzip"
    body = gzip.decompress(answer.body) if zipped else answer.body
    return _with_body(answer, _encode(through(_decode(body))), frozenset({"content-encoding"}))


def _with_body(answer: Response, body: bytes, without: AbstractSet[str] = frozenset()) -> Response:
    """The answer with another body, and without the headers that no longer fit."""
    headers = {
        name: value for name, value in answer.headers.items() if name.lower() not in {"content-length", *without}
    }
    return replace(answer, headers=headers, body=body)


def _header(headers: Mapping[str, str], name: str) -> str:
    return next((value for key, value in headers.items() if key.lower() == name), "")
