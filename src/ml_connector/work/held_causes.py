"""The causes that hold documents, each with how many and what they come to, added up by the database."""

from datetime import datetime
from decimal import Decimal

import msgspec

from ml_connector.work.desk import Desk
from ml_connector.work.messages.noticing import held_by
from ml_connector.work.messages.words import of_several
from ml_connector.work.views import CauseView, cause_view


class HeldCause(msgspec.Struct, frozen=True, kw_only=True):
    """One cause: how many documents it holds, what they come to by currency, since when the oldest waits."""

    cause: CauseView
    documents: int
    money: dict[str, Decimal]
    oldest: datetime | None


def held_causes(desk: Desk) -> list[HeldCause]:
    """Causes, those that hold most documents first."""
    with desk.database.read() as tx:
        found = held_by(tx, desk.connection_id)
    return [
        HeldCause(
            cause=cause_view(one.hold if one.documents == 1 else of_several(one.hold)),
            documents=one.documents,
            money=dict(one.money),
            oldest=one.oldest,
        )
        for one in found
    ]
