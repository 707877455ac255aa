"""Where a connection stands, in counts and money. Read only; the shapes are those of `--json`."""

from decimal import Decimal

import msgspec

from ml_connector.store import batches, connections, document_lists, intents, outgoing
from ml_connector.store.connections import ConnectionRow
from ml_connector.store.schema import OutgoingState, System
from ml_connector.work.desk import Desk
from ml_connector.work.lists import company_name


class StateCount(msgspec.Struct, frozen=True, kw_only=True):
    """How many documents are in a state and what they come to, by currency."""

    documents: int
    money: dict[str, Decimal]


class StatusView(msgspec.Struct, frozen=True, kw_only=True):
    """Where a connection stands. `unanswered` counts calls to QuickBooks whose outcome is not known yet; `records` what Basware is
    to hold, by state."""

    connection: str
    state: str
    reason: str
    company: str
    documents: dict[str, StateCount]
    ready_to_send: int
    unanswered: int
    records: dict[str, int]


def shown_state(connection: ConnectionRow) -> str:
    """The state people are shown: that somebody paused a connection or is setting it up comes before what it would be otherwise."""
    if connection.paused_at is not None:
        return "paused"
    return "being set up" if connection.setup_since is not None else connection.state.value


def status_view(desk: Desk) -> StatusView:
    """Where the connection stands."""
    with desk.database.read() as tx:
        connection = connections.get(tx, desk.connection_id)
        counts = document_lists.counts(tx, desk.connection_id)
        ready = sum(intents.ready_count(tx, desk.connection_id, system) for system in System)
        unanswered = len(batches.open_batches(tx, desk.connection_id, System.QUICKBOOKS))
        company = company_name(tx, desk)
        lists = outgoing.counts(tx, desk.connection_id).values()
    found = ((state, sum(one.get(state, 0) for one in lists)) for state in OutgoingState)
    records = {state.value: number for state, number in found if number}
    return StatusView(
        connection=connection.name,
        state=shown_state(connection),
        reason=connection.pause_reason if connection.paused_at else connection.state_reason,
        company=company,
        documents={state.value: StateCount(documents=number, money=money) for state, (number, money) in counts.items()},
        ready_to_send=ready,
        unanswered=unanswered,
        records=records,
    )
