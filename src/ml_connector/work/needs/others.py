"""What needs somebody and is no cause of a document: bills that wait for a release, transactions changed in QuickBooks afterwards,
and alerts that are open.

Alerts that only say that one of the cards is there are left out. Read only.
"""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal

import msgspec

from ml_connector.model.drift import DriftKind
from ml_connector.store import alerts, document_lists, drift_cases
from ml_connector.store.alerts import AlertRow
from ml_connector.store.schema import DocumentState
from ml_connector.work.desk import Desk
from ml_connector.work.drift.watching import ALERT as DRIFT_ALERT
from ml_connector.work.needs.alert_pages import page_of
from ml_connector.work.payments.heard import ALERT as PAYMENTS_ALERT
from ml_connector.work.vendors.planning import REVIEW_ALERT
from ml_connector.work.vendors.portion import BANK_ALERT

SAID_BY_CARDS = frozenset({DRIFT_ALERT, PAYMENTS_ALERT, REVIEW_ALERT, BANK_ALERT})
"""Kinds of alerts that say what a card says anyway."""


class Changed(msgspec.Struct, frozen=True, kw_only=True):
    """Posted transactions that somebody changed, or deleted, and how many of them wait for a decision."""

    what: str
    number: int
    since: datetime | None


class AlertCard(msgspec.Struct, frozen=True, kw_only=True):
    """An alert as it is open. `number` is what it is put away by; `page`, below the connection's own address, is where it is put
    right by whoever has the `right`, and `way` says what one does there."""

    number: int
    kind: str
    title: str
    page: str
    way: str
    right: str
    severity: str
    message: str
    since: datetime
    times: int


class Others(msgspec.Struct, frozen=True, kw_only=True):
    """Everything else that waits. `planned`: how many bills are under review, and `money` what they come to by currency."""

    planned: int
    money: Mapping[str, Decimal]
    changed: tuple[Changed, ...]
    alerts: tuple[AlertCard, ...]

    @property
    def number(self) -> int:
        """How many things."""
        return bool(self.planned) + len(self.changed) + len(self.alerts)


def others(desk: Desk) -> Others:
    """What waits besides the causes, the oldest first."""
    with desk.database.read() as tx:
        planned = document_lists.counts(tx, desk.connection_id, states=(DocumentState.PLANNED,))
        cases = drift_cases.open_by_kind(tx, desk.connection_id)
        found = alerts.listing(tx, desk.connection_id, limit=1000)
    changed = [
        Changed(what=kind.value, number=cases[kind][0], since=cases[kind][1]) for kind in DriftKind if kind in cases
    ]
    told = sorted((one for one in found if one.kind not in SAID_BY_CARDS), key=lambda one: one.raised_at)
    number, money = planned.get(DocumentState.PLANNED, (0, {}))
    return Others(
        planned=number,
        money=money,
        changed=tuple(changed),
        alerts=tuple(_card(one) for one in told),
    )


def _card(one: AlertRow) -> AlertCard:
    where = page_of(one)
    return AlertCard(
        number=one.id, kind=one.kind, title=where.title, page=where.page, way=where.way, right=where.right.value,
        severity=one.severity.value, message=one.message, since=one.raised_at, times=one.times,
    )  # fmt: skip
