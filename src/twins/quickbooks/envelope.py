"""The outside of an answer: JSON or XML, compression, and properties that nobody has heard of yet."""

import gzip
import zlib
from collections.abc import Mapping
from typing import Any

from twins.http import Request, Response
from twins.quickbooks import xml
from twins.quickbooks.switches import Switches
from twins.quickbooks.values import Json, encode

NEWS = {"AddedLaterByIntuit": {"Kind": "additive"}}
_GRAIN = 10_000


def wants_json(request: Request, switches: Switches) -> bool:
    """Whether the caller is answered in JSON; XML is what the service speaks unless asked."""
    accepted = request.headers.get("accept", "").lower()
    return "json" in accepted or (not switches.xml_by_default and "xml" not in accepted)


def answer(status: int, body: Json, *, as_json: bool) -> Response:
    """A body as it goes out; only a success says which characters it uses (recorded headers)."""
    if not as_json:
        return Response(status, {"Content-Type": "application/xml;charset=UTF-8"}, xml.render(body))
    kind = "application/json;charset=utf-8" if status == 200 else "application/json"
    return Response(status, {"Content-Type": kind}, encode(body))


def page(status: int, title: str) -> Response:
    """What the edge answers by itself, before the service has seen the request."""
    text = f"<html><head><title>{status} {title}</title></head><body><h1>{title}</h1></body></html>"
    return Response(status, {"Content-Type": "text/html"}, text.encode())


def packed(request: Request, given: Response, switches: Switches) -> Response:
    """The answer compressed, for who accepts that; a HEAD request gets no body."""
    if request.method == "HEAD":
        return Response(given.status, given.headers, b"", given.delay)
    if not switches.gzip_answers or not given.body or "gzip" not in _codings(request.headers):
        return given
    headers = {**given.headers, "Content-Encoding": "gzip"}
    return Response(given.status, headers, gzip.compress(given.body, compresslevel=1, mtime=0), given.delay)


def _codings(headers: Mapping[str, str]) -> set[str]:
    offered = (part.partition(";") for part in headers.get("accept-encoding", "").lower().split(","))
    return {name.strip() for name, _, weight in offered if weight.strip() not in {"q=0", "q=0.0"}}


class News:
    """Puts unknown properties into records: additive fields come without a new minor version.

    Which records get them follows from a count, so that a run can be repeated.
    """

    def __init__(self, switches: Switches) -> None:
        self._switches = switches
        self._shown = 0

    def added_to(self, content: Json) -> Json:
        """The content of an answer with news in all records, in some, or in none, as the switches say."""
        if not self._switches.additive_share:
            return content
        return {name: self._grown(value) for name, value in content.items()}

    def _grown(self, value: Any) -> Any:
        if isinstance(value, list):
            return [self._grown(each) for each in value]
        if not isinstance(value, dict):
            return value
        grown = {name: self._grown(each) if isinstance(each, (dict, list)) else each for name, each in value.items()}
        return {**grown, **NEWS} if "domain" in value and self._strikes() else grown

    def _strikes(self) -> bool:
        self._shown += 1
        drawn = zlib.crc32(f"record {self._shown}".encode()) % _GRAIN
        return drawn < self._switches.additive_share * _GRAIN
