"""Looking at a running twin: its books, what it was asked, what is in force. Nothing here changes anything."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any, TypeVar

from twins import described
from twins.controls.answers import Command, ControlError, instant_of, number_of, one_of
from twins.faults import FaultKind, FaultRule
from twins.http import Request
from twins.recorder import Exchange
from twins.rows import DocumentRow, VendorRow, contains

if TYPE_CHECKING:
    from twins.control import ControlledTwin

Row = TypeVar("Row", DocumentRow, VendorRow)

_HEADS = ("number", "at", "method", "host", "path", "query", "status", "committed", "request_size", "response_size")


def state(desk: "ControlledTwin", _: Request) -> Any:
    """Everything in force at a glance."""
    return {
        "twin": desk.panel.name,
        "companies": desk.panel.companies(),
        "clock": time(desk),
        "calls": desk.panel.calls(),
        "faults": desk.faults.report(),
        "switches": asdict(desk.panel.switches),
    }


def time(desk: "ControlledTwin") -> Any:
    """The twins' instant, and how it moves."""
    return {"now": desk.clock.now(), "running": desk.clock.running, "scale": desk.clock.scale}


def companies(desk: "ControlledTwin", _: Request) -> Any:
    """Companies or tenants, with the credentials they were seeded with."""
    return desk.panel.credentials()


def books(desk: "ControlledTwin", request: Request) -> Any:
    """Everything the twin holds for a company."""
    return desk.panel.books(request.parameter("company"))


def ledger(desk: "ControlledTwin", request: Request) -> Any:
    """What was posted (QuickBooks) or answered (Basware), entry by entry."""
    wanted = {name: request.parameter(name) for name in ("account", "vendor", "document")}
    return desk.panel.ledger(request.parameter("company"), **{name: value for name, value in wanted.items() if value})


def trial_balance(desk: "ControlledTwin", request: Request) -> Any:
    """What was posted to each account."""
    return desk.panel.trial_balance(request.parameter("company"))


def check(desk: "ControlledTwin", request: Request) -> Any:
    """Whatever is wrong with the books; an empty list when they are sound."""
    return desk.panel.check(request.parameter("company"))


def documents(desk: "ControlledTwin", request: Request) -> Any:
    """Documents as rows."""
    kind, status, number = request.parameter("kind"), request.parameter("status"), request.parameter("number")
    rows = _containing(desk.panel.documents(request.parameter("company")), request.parameter("search"))
    return [
        row
        for row in rows
        if (not kind or row.kind.lower() == kind.lower())
        and (not status or row.status.lower() == status.lower())
        and (not number or row.number == number)
    ]


def vendors(desk: "ControlledTwin", request: Request) -> Any:
    """Vendors as rows."""
    return _containing(desk.panel.vendors(request.parameter("company")), request.parameter("search"))


def record(desk: "ControlledTwin", request: Request) -> Any:
    """One record in full, by kind and id."""
    kind, key = request.parameter("kind"), request.parameter("id")
    try:
        return desk.panel.record(request.parameter("company"), kind, key)
    except KeyError as error:
        raise ControlError(f"there is no {kind} {key}", str(error.args[0]), status=404) from error


def calls(desk: "ControlledTwin", _: Request) -> Any:
    """Counts of requests by kind, and the meters of services that meter."""
    return {**desk.panel.calls(), **({"metering": metered} if (metered := desk.panel.metering()) else {})}


def requests(desk: "ControlledTwin", request: Request) -> Any:
    """Requests received, oldest first."""
    last = number_of(request, "last", 0 if request.parameter("limit") or request.parameter("offset") else 100)
    found = matching(desk.recorder.exchanges, request)
    shown = found[-last:] if last else found
    if request.parameter("brief"):
        return [{name: getattr(exchange, name) for name in _HEADS} for exchange in shown]
    return [exchange_shown(exchange) for exchange in shown]


def one_request(desk: "ControlledTwin", request: Request) -> Any:
    """One request in full, by its number."""
    number = number_of(request, "number", 0)
    found = desk.recorder.exchange(number)
    if found is None:
        kept = desk.recorder.exchanges
        why = f"kept are {kept[0].number} to {kept[-1].number}" if kept else "none are kept"
        raise ControlError(f"there is no request {number}", why, status=404)
    return exchange_shown(found)


def clock(desk: "ControlledTwin", _: Request) -> Any:
    """The twins' time."""
    return time(desk)


def switches(desk: "ControlledTwin", _: Request) -> Any:
    """All switches and how they stand."""
    return asdict(desk.panel.switches)


def switches_described(desk: "ControlledTwin", _: Request) -> Any:
    """All switches with what they mean, their default and how they stand."""
    shape = type(desk.panel.switches)
    return [
        {**asdict(one), "value": getattr(desk.panel.switches, one.name)} for one in described.fields_of(shape)
    ]  # fmt: skip


def acts(desk: "ControlledTwin", _: Request) -> Any:
    """What a person can do in the system itself."""
    return desk.panel.acts()


def faults(desk: "ControlledTwin", _: Request) -> Any:
    """Fault rules in force, how many requests each matched and how many it struck."""
    return desk.faults.report()


def fault_kinds(desk: "ControlledTwin", _: Request) -> Any:
    """Kinds of faults, what a rule can say, and the errors worded as the vendor's own."""
    return {
        "kinds": described.member_texts(FaultKind),
        "rule": described.fields_of(FaultRule),
        "errors": desk.faults.manners.errors(),
    }


def webhooks(desk: "ControlledTwin", _: Request) -> Any:
    """Who is notified of what."""
    return desk.panel.webhooks()


def deliveries(desk: "ControlledTwin", request: Request) -> Any:
    """Notifications that wait or were settled lately."""
    wanted = request.parameter("state")
    rows = [{"system": name, **row} for name, outbox in desk.panel.outboxes().items() for row in outbox.report()]
    return [row for row in rows if not wanted or row["state"] == wanted]


def attempts(desk: "ControlledTwin", request: Request) -> Any:
    """Attempts to deliver notifications, oldest first."""
    status = number_of(request, "status", 0) or None
    since = instant_of(request.parameter("since")) if request.parameter("since") else None
    return [
        {"system": name, **asdict(attempt)}
        for name, outbox in desk.panel.outboxes().items()
        for attempt in outbox.attempts(
            url=request.parameter("url"),
            event=request.parameter("event"),
            delivery=request.parameter("delivery"),
            status=status,
            since=since,
        )
    ]


def luck(desk: "ControlledTwin", _: Request) -> Any:
    """Rules of bad luck for what is sent."""
    return [{"system": name, **row} for name, outbox in desk.panel.outboxes().items() for row in outbox.luck.report()]


def exchange_shown(exchange: Exchange) -> dict[str, Any]:
    """A request with its answer, bodies as text."""
    shown = {name: getattr(exchange, name) for name in Exchange.__dataclass_fields__}
    for name in ("request_body", "response_body"):
        shown[name] = shown[name].decode("utf-8", "replace")
    return shown


def matching(exchanges: Iterable[Exchange], request: Request) -> list[Exchange]:
    """Those that a listing of requests asks for."""
    path, method, host = request.parameter("path"), request.parameter("method"), request.parameter("host")
    status, text = request.parameter("status"), request.parameter("contains").encode()
    if status:
        one_of(status[0], ("1", "2", "3", "4", "5", "n"), "status")
    return [
        one
        for one in exchanges
        if path.lower() in one.path.lower()
        and method.upper() in {"", one.method}
        and host.lower() in one.host.lower()
        and (not status or _has_status(one, status))
        and (not text or text in one.request_body or text in one.response_body)
    ]


def _has_status(exchange: Exchange, wanted: str) -> bool:
    """`404`, or a class as `4xx`, or `none` for requests that were never answered."""
    if exchange.status is None:
        return wanted == "none"
    return str(exchange.status) == wanted or f"{exchange.status // 100}xx" == wanted


def _containing(rows: Sequence[Row], text: str) -> Sequence[Row]:
    return [row for row in rows if contains(row, text)] if text else rows


COMMANDS = (
    Command("GET", "state", "everything in force at a glance", state),
    Command(
        "GET", "companies", "companies or tenants with the credentials they were seeded with", companies, lists=True
    ),
    Command("GET", "books", "everything held for a company (`company`)", books),
    Command(
        "GET",
        "ledger",
        "postings, or Basware's answers (`company`, `account`, `vendor`, `document`)",
        ledger,
        lists=True,
    ),
    Command("GET", "trial-balance", "what was posted to each account (`company`)", trial_balance, lists=True),
    Command("GET", "check", "whatever is wrong with the books (`company`)", check, lists=True),
    Command("GET", "documents", "documents (`company`, `search`, `kind`, `status`, `number`)", documents, lists=True),
    Command("GET", "vendors", "vendors (`company`, `search`)", vendors, lists=True),
    Command("GET", "record", "one record in full (`company`, `kind`, `id`)", record),
    Command("GET", "calls", "counts of requests by kind, and meters", calls),
    Command(
        "GET",
        "requests",
        "requests received (`last`, `path`, `method`, `host`, `status`, `contains`; `brief` leaves headers and bodies out)",
        requests,
        lists=True,
    ),
    Command("GET", "request", "one request in full (`number`)", one_request),
    Command("GET", "clock", "the twins' time", clock),
    Command("GET", "switches", "all switches and how they stand", switches),
    Command("GET", "switches/described", "all switches with their meaning and default", switches_described, lists=True),
    Command("GET", "acts", "what a person can do in the system itself", acts, lists=True),
    Command("GET", "faults", "fault rules in force", faults, lists=True),
    Command("GET", "faults/kinds", "kinds of faults, what a rule can say, the vendor's errors", fault_kinds),
    Command("GET", "webhooks", "who is notified of what", webhooks),
    Command("GET", "deliveries", "notifications waiting or settled lately (`state`)", deliveries, lists=True),
    Command(
        "GET",
        "attempts",
        "attempts to deliver notifications (`url`, `event`, `delivery`, `status`, `since`)",
        attempts,
        lists=True,
    ),
    Command("GET", "luck", "bad luck for notifications in force", luck, lists=True),
)
