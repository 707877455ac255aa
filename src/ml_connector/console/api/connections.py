"""Connections: which there are, where each stands; beginning one, looking whether it works, resting, going on."""

import msgspec

from ml_connector.app import set_up
from ml_connector.console.api.operation import Because, Call, Name, Page, Paged, Text, reader, sliced, writer
from ml_connector.console.screens import Who
from ml_connector.model.people import Right
from ml_connector.store import connections
from ml_connector.store.connections import ConnectionRow
from ml_connector.work import schedule
from ml_connector.work.connection_cards import ConnectionCard, card_of
from ml_connector.work.connection_status import StatusView, shown_state, status_view
from ml_connector.work.ping import Check
from ml_connector.work.setup.progress import good_enough


class ConnectionLine(msgspec.Struct, frozen=True, kw_only=True):
    """A connection. `state`: active, sign-in needed or paused, `reason` why. `rights` are those of the token."""

    connection: str
    state: str
    reason: str
    company_codes: tuple[str, ...]
    rights: tuple[str, ...]
    card: ConnectionCard


class NewConnection(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A connection to begin: its name, which stands in addresses and stays, and the Basware companies it takes over."""

    name: Name
    company_codes: tuple[Name, ...]


class CheckReport(msgspec.Struct, frozen=True, kw_only=True):
    """What both systems answered, line by line. `works`: the connection can post with that."""

    works: bool
    checks: tuple[Check, ...]


class Resting(msgspec.Struct, frozen=True, kw_only=True):
    """Whether a connection, or a job of it, is paused now. `still_paused` are jobs that stay paused by themselves."""

    connection: str
    job: str
    paused: bool
    still_paused: tuple[str, ...] = ()


class MayBecause(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Why, if somebody wants to say."""

    reason: Text = ""


def line_of(call: Call, row: ConnectionRow) -> ConnectionLine:
    """A connection as the token may see it, as it is stored now."""
    with call.app.database.read() as tx:
        fresh = connections.get(tx, row.id)
        card = card_of(tx, fresh)
    return ConnectionLine(
        connection=fresh.name,
        state=shown_state(fresh),
        reason=fresh.pause_reason if fresh.paused_at else fresh.state_reason,
        company_codes=fresh.company_codes,
        rights=tuple(sorted(right.value for right in call.visitor.rights(fresh.id))),
        card=card,
    )


def _listed(call: Call) -> Page[ConnectionLine]:
    rows = sliced(call.query, call.console.visible(call.visitor))
    return Page(items=[line_of(call, row) for row in rows.items], next=rows.next)


def _begin(call: Call) -> ConnectionLine:
    body: NewConnection = call.body
    row, _ = set_up.begin(call.app, body.name, body.company_codes, call.visitor)
    return line_of(call, row)


def _one(call: Call) -> StatusView:
    with call.desk() as desk:
        return status_view(desk)


def _card(call: Call) -> ConnectionLine:
    return line_of(call, call.connection)


def _check(call: Call) -> CheckReport:
    checks = set_up.check(call.app, call.connection, call.visitor)
    return CheckReport(works=good_enough(checks), checks=tuple(checks))


def _pause(call: Call) -> Resting:
    body: Because = call.body
    schedule.pause(call.app.database, call.connection, None, reason=body.reason, actor=call.visitor.actor, now=call.now)
    return Resting(connection=call.connection.name, job="", paused=True)


def _resume(call: Call) -> Resting:
    body: MayBecause = call.body
    still = schedule.resume(
        call.app.database, call.connection, None, reason=body.reason, actor=call.visitor.actor, now=call.now
    )
    return Resting(
        connection=call.connection.name, job="", paused=False, still_paused=tuple(job.value for job in still)
    )


_TAG, _ONE = "connections", "/connections/{connection}"
OPERATIONS = (
    reader(_TAG, "/connections", "The connections the token may see", Page[ConnectionLine], _listed, query=Paged),
    writer(
        _TAG, "/connections", "Begin a connection; nothing of it runs before its release", ConnectionLine, _begin,
        body=NewConnection, who=Who.ALL, example={"name": "acme-us", "company_codes": ["US10"]},
    ),
    reader(_TAG, _ONE, "Where a connection stands, in counts and money", StatusView, _one),
    reader(_TAG, f"{_ONE}/card", "Does it work, and what is the one thing to do next", ConnectionLine, _card),
    writer(
        _TAG, f"{_ONE}/check", "Ask both systems whether it works", CheckReport, _check, asks_vendors=True, right=Right.DECIDE,
        note="Changes nothing but, in a set-up, that the step was made. It spends requests of both systems' budgets.",
    ),
    writer(_TAG, f"{_ONE}/pause", "Let nothing start by itself", Resting, _pause, right=Right.DECIDE, body=Because),
    writer(_TAG, f"{_ONE}/resume", "Go on", Resting, _resume, right=Right.DECIDE, body=MayBecause),
)  # fmt: skip
