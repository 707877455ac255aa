"""How many requests a second the twins answer in-process, on one core, with large books.

    python bench/twin_speed.py            # 10 000 vendors, 10 000 bills, 10 000 waiting documents
    SHORT=1 python bench/twin_speed.py    # a tenth of it
    JSON=1 python bench/twin_speed.py     # the figures as data

A mixture of requests as a connector sends them is timed first, then each kind by itself, in seconds of processor time: a twin
never waits, so this is what one core does, whatever else the machine is busy with. The baseline of the same run is what cannot be
avoided: reading the JSON of the same requests and writing the JSON of the same answers. Exits with 1 when a twin's books are wrong
afterwards, or when a mixture is slower than `LEAST` requests a second; the short form does not judge speed.
"""

import gc
import os
import sys
import time
from base64 import b64encode
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from itertools import count
from random import Random
from typing import Any, NamedTuple

import msgspec
from rich.console import Console
from rich.table import Table

from twins.basware import BaswareTwin
from twins.clock import Clock
from twins.demo_company import Generated, Wishes, generate
from twins.http import Request, Response, Service
from twins.quickbooks import QuickBooksTwin

LEAST = 2_000
SHORT = bool(os.environ.get("SHORT"))
SIZE = 1_000 if SHORT else 10_000
NOW = datetime(2026, 11, 20, 14, tzinfo=UTC)

_encode = msgspec.json.Encoder(decimal_format="number").encode
_decode = msgspec.json.Decoder(float_hook=Decimal).decode


class Kind(NamedTuple):
    """One kind of request: how often it comes in a thousand of the mixture, and how the next one looks."""

    name: str
    share: int
    make: Callable[[], Request]


@dataclass(frozen=True)
class Figure:
    """How fast requests of one kind, or a mixture, were answered; `baseline` is the same for their JSON alone."""

    twin: str
    name: str
    requests: int
    seconds: float
    baseline_seconds: float

    @property
    def rate(self) -> float:
        """Requests a second."""
        return self.requests / self.seconds

    @property
    def ratio(self) -> float:
        """How many times the baseline it takes."""
        return self.seconds / self.baseline_seconds


class QuickBooksLoad:
    """A QuickBooks twin with large books, and what a connector asks of it."""

    name = "QuickBooks"

    def __init__(self, firm: Generated) -> None:
        self.twin = QuickBooksTwin(Clock(NOW, running=False))
        self.twin.switches.throttle = False  # Intuit's own limit is ten a second
        self.twin.add_company(firm.quickbooks)
        self._seed = firm.quickbooks
        self._root = f"/v3/company/{self._seed['realm_id']}/"
        self._headers = {
            "authorization": f"Bearer {self._access_token()}",
            "accept": "application/json",
            "content-type": "application/json",
        }
        entities = self._seed["entities"]
        self._vendors = [each for each in entities["Vendor"] if each["Active"]]
        self._payable = next(each["Id"] for each in entities["Account"] if each["AccountType"] == "Accounts Payable")
        self._accounts = [
            each["Id"] for each in entities["Account"] if each["AccountType"] == "Expense" and each["Active"]
        ]
        self._changed = iter(self._vendors)
        self._number = count(1)
        self._draw = Random(7)
        self.bills = [self._id_of(answered(self.twin, self.create())) for _ in range(SIZE)]

    def kinds(self) -> list[Kind]:
        """What is asked, and how often."""
        return [
            Kind("read a bill", 350, lambda: self._get(f"bill/{self._draw.choice(self.bills)}")),
            Kind("find a bill by its number", 150, lambda: self._query(f"Bill WHERE DocNumber = 'B-{self._any()}'")),
            Kind("find a vendor by name", 100, lambda: self._query(f"Vendor WHERE DisplayName = '{self._vendor_name()}'")),
            Kind("find 30 bills by id", 60, lambda: self._query(f"Bill WHERE Id IN ({self._ids(30)})")),
            Kind("create a bill", 220, self.create),
            Kind("change a vendor", 80, self._change_vendor),
            Kind("batch of 30 bills", 20, self._batch),
            Kind("page of 1 000 bills", 10, lambda: self._query(f"Bill ORDERBY Id STARTPOSITION {self._any()} MAXRESULTS 1000")),
            Kind("changes of the last minute", 10, self._changes),
        ]  # fmt: skip

    def check(self) -> list[str]:
        """Whatever is wrong with the books."""
        return self.twin.check(self._seed["realm_id"])

    def create(self) -> Request:
        """A new bill with three lines."""
        return self._post("bill", self._bill(), requestid=f"r{next(self._number)}")

    def _access_token(self) -> str:
        keys = b64encode(f"{self._seed['client_id']}:{self._seed['client_secret']}".encode()).decode()
        form = f"grant_type=refresh_token&refresh_token={self._seed['refresh_token']}".encode()
        headers = {"authorization": f"Basic {keys}", "content-type": "application/x-www-form-urlencoded"}
        answer = answered(self.twin, Request("POST", "bench", "/oauth2/v1/tokens/bearer", (), headers, form))
        return str(_decode(answer.body)["access_token"])

    def _bill(self) -> dict[str, Any]:
        lines = [
            {
                "Amount": Decimal(self._draw.randint(500, 90_000)).scaleb(-2),
                "Description": "Services",
                "DetailType": "AccountBasedExpenseLineDetail",
                "AccountBasedExpenseLineDetail": {"AccountRef": {"value": self._draw.choice(self._accounts)}},
            }
            for _ in range(3)
        ]
        number = next(self._number)
        return {
            "VendorRef": {"value": self._draw.choice(self._vendors)["Id"]},
            "APAccountRef": {"value": self._payable},
            "TxnDate": "2026-11-10",
            "DocNumber": f"B-{number}",
            "Line": lines,
        }

    def _change_vendor(self) -> Request:
        key = next(self._changed)["Id"]
        record = self.twin.companies[self._seed["realm_id"]].tables["Vendor"].records[key]
        note = f"seen {next(self._number)}"
        return self._post("vendor", {"Id": key, "SyncToken": record["SyncToken"], "sparse": True, "Notes": note})

    def _batch(self) -> Request:
        items = [{"bId": str(place), "operation": "create", "Bill": self._bill()} for place in range(30)]
        return self._post("batch", {"BatchItemRequest": items})

    def _changes(self) -> Request:
        return self._get("cdc", entities="Vendor", changedSince="2026-11-20T14:00:01+00:00")

    def _any(self) -> int:
        return self._draw.randint(1, SIZE)

    def _ids(self, wanted: int) -> str:
        return ",".join(f"'{key}'" for key in self._draw.sample(self.bills, wanted))

    def _vendor_name(self) -> str:
        return str(self._draw.choice(self._vendors)["DisplayName"]).replace("'", "\\'")

    def _query(self, text: str) -> Request:
        return self._get("query", query=f"SELECT * FROM {text}")

    def _get(self, path: str, **query: str) -> Request:
        return Request("GET", "bench", self._root + path, tuple(query.items()), self._headers)

    def _post(self, path: str, body: Any, **query: str) -> Request:
        return Request("POST", "bench", self._root + path, tuple(query.items()), self._headers, _encode(body))

    @staticmethod
    def _id_of(answer: Response) -> str:
        return str(_decode(answer.body)["Bill"]["Id"])


class BaswareLoad:
    """A Basware twin in which many documents wait, and what a connector asks of it."""

    name = "Basware"

    def __init__(self, firm: Generated) -> None:
        self.twin = BaswareTwin(Clock(NOW, running=False))
        self.twin.switches.redirect = "never"
        scopes = [*firm.basware["scopes"], "vendors.write"]
        self.twin.add_tenant({**firm.basware, "scopes": scopes})
        keys = b64encode(f"{firm.basware['user']}:{firm.basware['password']}".encode()).decode()
        self._headers = {"authorization": f"Basic {keys}", "content-type": "application/json"}
        self._documents = [each["invoiceId"] for each in firm.basware["accountingDocuments"]]
        self._fresh, self._taken = iter(self._documents), reversed(self._documents)
        self._draw = Random(7)
        self._vendors = [self._vendor(number) for number in range(SIZE)]
        for start in range(0, SIZE, 200):
            answered(self.twin, self._send("POST", "/v1/vendors", self._vendors[start : start + 200]))

    def kinds(self) -> list[Kind]:
        """What is asked, and how often."""
        return [
            Kind("read a document", 350, lambda: self._send("GET", f"{_DOCUMENTS}/{self._draw.choice(self._documents)}")),
            Kind("page of 100 waiting documents", 10, lambda: self._send("GET", _DOCUMENTS, ProcessingStatus="WaitingForTransfer")),
            Kind("acknowledge", 200, lambda: self._send("POST", f"{_DOCUMENTS}/{next(self._fresh)}/acknowledge")),
            Kind("transfer response", 200, self._answer),
            Kind("read a vendor", 150, lambda: self._send("GET", f"/v1/vendors/E-{self._draw.randrange(SIZE)}")),
            Kind("post a changed vendor", 90, self._change_vendor),
        ]  # fmt: skip

    def check(self) -> list[str]:
        """Whatever is wrong with any document."""
        return self.twin.check()

    def _answer(self) -> Request:
        identity = next(self._taken)
        body = {"externalCode": "r1", "success": True, "responseMessage": "Bill created", "paymentBlock": False}
        return self._send("POST", f"{_DOCUMENTS}/{identity}/transferResponses", body)

    def _vendor(self, number: int) -> dict[str, Any]:
        return {
            "externalCode": f"E-{number}",
            "vendorCode": f"V-{number}",
            "name": f"Vendor {number}",
            "companies": [{"companyCode": "US10", "inheritToChildUnits": True}],
        }

    def _change_vendor(self) -> Request:
        vendor = self._draw.choice(self._vendors)
        vendor["name"] = f"{vendor['externalCode']} named {self._draw.random()}"
        return self._send("POST", "/v1/vendors", [vendor])

    def _send(self, method: str, path: str, body: Any = None, **query: str) -> Request:
        content = b"" if body is None else _encode(body)
        return Request(method, "bench", path, tuple(query.items()), self._headers, content)


_DOCUMENTS = "/v1/accountingDocuments"
Load = QuickBooksLoad | BaswareLoad


def answered(twin: Service, request: Request) -> Response:
    """The answer to a request that must succeed."""
    answer = twin.handle(request)
    if answer.status != 200:
        raise SystemExit(f"{request.method} {request.path} {request.query}: {answer.status} {answer.body[:300]!r}")
    return answer


def timed(load: Load, name: str, requests: list[Request]) -> Figure:
    """Answer requests that were built beforehand, then do nothing but their JSON."""
    answers: list[Response] = []
    gc.collect()
    gc.freeze()  # the garbage collector need not look through the loaded books again, only through what the requests make
    started = time.process_time()
    for request in requests:
        answers.append(load.twin.handle(request))
    seconds = time.process_time() - started
    for request, answer in zip(requests, answers, strict=True):
        if answer.status != 200:
            raise SystemExit(f"{name}: {request.method} {request.path}: {answer.status} {answer.body[:300]!r}")
    bodies = [_decode(answer.body) if answer.body[:1] in b"{[" else None for answer in answers]
    started = time.process_time()
    for request, body in zip(requests, bodies, strict=True):
        if request.body:
            _decode(request.body)
        _encode(body)
    return Figure(load.name, name, len(requests), seconds, time.process_time() - started)


def mixture(kinds: list[Kind], total: int) -> Iterator[Request]:
    """Requests of all kinds in their shares, well mixed, the same in each run."""
    order = [kind for kind in kinds for _ in range(kind.share * total // 1000)]
    Random(11).shuffle(order)
    return (kind.make() for kind in order)


def measure(load: Load) -> list[Figure]:
    """The mixture first, then each kind by itself."""
    figures = [timed(load, "mixture", list(mixture(load.kinds(), SIZE)))]
    for kind in load.kinds():
        wanted = max(min(SIZE // 10, 2 * kind.share), 5)
        figures.append(timed(load, kind.name, [kind.make() for _ in range(wanted)]))
    return figures


def show(figures: list[Figure]) -> None:
    """Print the table."""
    table = Table(title=f"{SIZE:,} vendors, bills and waiting documents, one core", title_justify="left")
    for column in ("Twin", "Requests"):
        table.add_column(column)
    for column in ("Count", "A second", "Times its JSON alone"):
        table.add_column(column, justify="right")
    for figure in figures:
        cells = (f"{figure.requests:,}", f"{figure.rate:,.0f}", f"{figure.ratio:.1f}")
        table.add_row(figure.twin, figure.name, *cells, style="bold" if figure.name == "mixture" else "")
    Console(width=None if sys.stdout.isatty() else 120).print(table)


def main() -> int:
    """Measure both twins."""
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    firm = generate(Wishes(documents=2 * SIZE, seed=1, vendors=SIZE))
    figures: list[Figure] = []
    wrong: list[str] = []
    for make in (QuickBooksLoad, BaswareLoad):
        load = make(firm)
        figures += measure(load)
        wrong += [f"{load.name}: {problem}" for problem in load.check()]
    if os.environ.get("JSON"):
        rows = [{"twin": each.twin, "name": each.name, "rate": each.rate, "ratio": each.ratio} for each in figures]
        sys.stdout.write(_encode(rows).decode() + "\n")
    else:
        show(figures)
    slow = [
        f"{each.twin}: {each.rate:,.0f} a second" for each in figures if each.name == "mixture" and each.rate < LEAST
    ]
    sys.stderr.write("".join(f"{line}\n" for line in [*wrong[:20], *slow]))
    return 1 if wrong or (slow and not SHORT) else 0


if __name__ == "__main__":
    sys.exit(main())
