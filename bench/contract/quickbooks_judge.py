"""Holds every record that goes to or comes from a QuickBooks twin against the entity catalogue."""

import gzip
from collections.abc import Iterator, Mapping
from decimal import Decimal
from email.parser import BytesParser
from email.policy import HTTP
from typing import Any

import msgspec

from contract.quickbooks_catalogue import catalogue
from contract.tally import Tally
from contract.violations import Rule, Violation
from twins.http import Request, Response

API_ROOT = "/v3/company/"
_ENVELOPES = {"QueryResponse", "BatchItemResponse", "CDCResponse", "AttachableResponse"}
_ENVELOPE_WORDS = {"time", "startPosition", "maxResults", "totalCount", "bId", "Fault", "status"}
"""What an envelope holds besides records (Intuit API reference, query, batch and change data capture)."""
_ITEM_WORDS = {"bId", "operation", "optionsData", "Query", "CDCQuery", "ReportQuery"}
_TAX_SERVICE = "taxservice/taxcode"
_decode = msgspec.json.Decoder(float_hook=Decimal).decode

Record = tuple[str, Any]
"""An entity's name and a record of it."""


class QuickBooksJudge:
    """Judges exchanges one after another."""

    def __init__(self, tally: Tally, *, product_asks: bool = False) -> None:
        self._tally = tally
        self._product_asks = product_asks
        self._entities = {name.lower(): name for name in catalogue().records}

    def judge(self, _twin: object, request: Request, answer: Response | Exception, seen: str) -> list[Violation]:
        """All violations of one exchange, whether forgiven or not; they are counted."""
        if not request.path.startswith(API_ROOT):
            return []
        name = self._operation(request)
        if isinstance(answer, Exception):
            status, records = 0, 0
            violations = [Violation(name, Rule.CRASH, 0, type(answer).__name__, "", str(answer))]
        else:
            status = answer.status
            said = _read(answer) if status == 200 else None
            sent = list(self._sent(request, said))
            received = list(self._received(request, said)) if said is not None else []
            records = len(sent) + len(received)
            rule = Rule.REQUEST if self._product_asks else Rule.ACCEPTED
            violations = [
                *self._breaches(name, rule, status, sent),
                *self._breaches(name, Rule.RECORD, status, received),
            ]
        self._tally.exchange(name, status, records)
        for one in violations:
            self._tally.note(one, seen)
        return violations

    def _operation(self, request: Request) -> str:
        """Such as `POST bill`, `POST bill delete`, `GET bill/{id}`."""
        resource, _, key = request.path.removeprefix(API_ROOT).partition("/")[2].partition("/")
        shown = f"{resource}/{{id}}" if key and f"{resource}/{key}" != _TAX_SERVICE else f"{resource}/{key}".rstrip("/")
        return f"{request.method} {shown} {request.parameter('operation')}".rstrip()

    def _breaches(self, name: str, rule: Rule, status: int, records: list[Record]) -> Iterator[Violation]:
        for entity, record in records:
            if entity not in catalogue().records:
                yield Violation(name, rule, status, "entity", entity, "no such entity")
                continue
            for sentence in catalogue().violations(entity, record):
                where, _, what = sentence.partition(": ")
                keyword = "unknown" if what.endswith("no such property") else "type"
                yield Violation(name, rule, status, keyword, where, what)

    def _sent(self, request: Request, said: Any) -> Iterator[Record]:
        """The records of a request. Of another client than the product only those the twin took: refusing is its right."""
        if request.method != "POST" or request.path.endswith("/query"):
            return
        if not self._product_asks and (not isinstance(said, dict) or "Fault" in said):
            return
        resource = request.path.removeprefix(API_ROOT).partition("/")[2]
        if resource == "upload":
            refused = any("Fault" in one for one in (said or {}).get("AttachableResponse", ()))
            if self._product_asks or not refused:
                yield from _metadata(request)
            return
        body = _decode(_plain(request.headers, request.body))
        if resource == "batch":
            yield from self._items(body, said)
        else:
            yield self._entities.get("taxservice" if resource == _TAX_SERVICE else resource, resource), body

    def _items(self, body: Any, said: Any) -> Iterator[Record]:
        refused = [one.get("bId") for one in (said or {}).get("BatchItemResponse", ()) if "Fault" in one]
        for item in body["BatchItemRequest"]:
            if self._product_asks or item.get("bId") not in refused:
                yield from ((name, record) for name, record in item.items() if name not in _ITEM_WORDS)

    def _received(self, request: Request, said: Any) -> Iterator[Record]:
        """The records of an answer; the tax service gives its one without a name."""
        if request.path.endswith(f"/{_TAX_SERVICE}"):
            yield "TaxService", {name: value for name, value in said.items() if name != "time"}
        else:
            yield from self._inside(said)

    def _inside(self, said: Any) -> Iterator[Record]:
        """The records inside whatever envelopes they lie in."""
        for name, value in said.items():
            for one in value if isinstance(value, list) else [value]:
                if name in _ENVELOPES:
                    yield from self._inside(one)
                elif name not in _ENVELOPE_WORDS:
                    yield name, one


def _read(answer: Response) -> Any:
    """What an answer says in JSON; None where it says it in another form."""
    media = next((value for name, value in answer.headers.items() if name.lower() == "content-type"), "")
    return _decode(_plain(answer.headers, answer.body)) if "json" in media else None


def _plain(headers: Mapping[str, str], body: bytes) -> bytes:
    """A body as it was before it was compressed for its way."""
    coding = next((value for name, value in headers.items() if name.lower() == "content-encoding"), "")
    return gzip.decompress(body) if coding == "gzip" else body


def _metadata(request: Request) -> Iterator[Record]:
    """What a multipart upload says of its files."""
    head = f"Content-Type: {request.headers.get('content-type', '')}\r\n\r\n".encode()
    for part in BytesParser(policy=HTTP).parsebytes(head + request.body).iter_parts():
        name = part.get_param("name", header="content-disposition") or ""
        if str(name).startswith("file_metadata"):
            yield "Attachable", _decode(bytes(part.get_payload(decode=True)))
