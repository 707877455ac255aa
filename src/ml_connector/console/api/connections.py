"""Connections: which there are, where each stands, its settings; resting and going on."""

import msgspec

from ml_connector.console.api.operation import Because, Call, Text, reader, writer
from ml_connector.model.people import Right
from ml_connector.work import schedule
from ml_connector.work.settings import ConnectionSettings, decode_settings
from ml_connector.work.views import StatusView, shown_state, status_view


class ConnectionLine(msgspec.Struct, frozen=True, kw_only=True):
    """A connection. `state`: active, sign-in needed or paused, `reason` why. `roles` are those of the token."""

    connection: str
    state: str
    reason: str
    company_codes: tuple[str, ...]
    rights: tuple[str, ...]


class Resting(msgspec.Struct, frozen=True, kw_only=True):
    """Whether a connection, or a job of it, is paused now. `still_paused` are jobs that stay paused by themselves."""

    connection: str
    job: str
    paused: bool
    still_paused: tuple[str, ...] = ()


class MayBecause(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Why, if somebody wants to say."""

    reason: Text = ""


def _listed(call: Call) -> list[ConnectionLine]:
    return [
        ConnectionLine(
            connection=row.name,
            state=shown_state(row),
            reason=row.pause_reason if row.paused_at else row.state_reason,
            company_codes=row.company_codes,
            rights=tuple(sorted(right.value for right in call.visitor.rights(row.id))),
        )
        for row in call.console.visible(call.visitor)
    ]


def _one(call: Call) -> StatusView:
    with call.desk() as desk:
        return status_view(desk)


def _settings(call: Call) -> ConnectionSettings:
    return decode_settings(call.connection.settings)


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
    reader(_TAG, "/connections", "The connections the token may see", list[ConnectionLine], _listed),
    reader(_TAG, _ONE, "Where a connection stands, in counts and money", StatusView, _one),
    reader(
        _TAG, f"{_ONE}/settings", "Its settings, without secrets", ConnectionSettings, _settings, right=Right.ADMINISTER
    ),
    writer(_TAG, f"{_ONE}/pause", "Let nothing start by itself", Resting, _pause, right=Right.DECIDE, body=Because),
    writer(_TAG, f"{_ONE}/resume", "Go on", Resting, _resume, right=Right.DECIDE, body=MayBecause),
)
