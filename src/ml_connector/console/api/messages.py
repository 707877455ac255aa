"""Who is told outside the console: targets of a connection."""

from typing import Annotated, Any

import msgspec

from ml_connector.app.messenger import TargetError
from ml_connector.console.api.operation import Call, InputError, Page, Paged, keyed, reader, sliced, writer
from ml_connector.console.trouble import NotFoundError
from ml_connector.model.people import Right
from ml_connector.store import messages
from ml_connector.store.messages import MessageRow
from ml_connector.work.messages.courier import TRIAL, DeliveryError
from ml_connector.work.messages.targets import (
    NotifyError,
    TargetLine,
    add_target,
    note_trial,
    remove_target,
    target_lines,
)


class NewTarget(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where to, as apprise writes it. It is sealed at once and never shown again."""

    address: Annotated[str, msgspec.Meta(min_length=1, max_length=2000)]


class TargetAct(msgspec.Struct, frozen=True, kw_only=True):
    """What was done with a target."""

    id: str
    done: str


def _listed(call: Call) -> Page[TargetLine]:
    return sliced(call.query, target_lines(call.app.database, call.connection))


def _sent(call: Call) -> Page[MessageRow]:
    with call.app.database.read() as tx:

        def read(before: int | None, limit: int) -> list[MessageRow]:
            return messages.listing(tx, call.connection.id, limit=limit, before=before)

        return keyed(call.query, read, lambda one: one.id)


def _add(call: Call) -> TargetLine:
    body: NewTarget = call.body
    try:
        return add_target(
            call.app.database, call.app.vault, call.connection, body.address.strip(),
            shown=call.app.messenger.shown(body.address), target_id=call.app.new_id().hex[:8],
            actor=call.visitor.actor, now=call.now,
        )  # fmt: skip
    except (TargetError, NotifyError) as error:
        raise InputError(str(error)) from error


def _remove(call: Call) -> TargetAct:
    try:
        gone = remove_target(
            call.app.database, call.connection, call.given["target"], actor=call.visitor.actor, now=call.now
        )
    except NotifyError as error:
        raise NotFoundError from error
    return TargetAct(id=gone.id, done="removed")


def _test(call: Call) -> TargetAct:
    known = {one.id for one in target_lines(call.app.database, call.connection)}
    with call.app.database.read() as tx:
        address = messages.address(tx, call.app.vault, call.given["target"])
    if address is None or call.given["target"] not in known:
        raise NotFoundError
    told = "taken"
    try:
        call.app.messenger.deliver(address.reveal(), TRIAL.title, TRIAL.body)
    except DeliveryError as error:
        told = f"not sent: {error}"
        raise InputError(f"The trial was not sent: {error}.") from error
    finally:
        note_trial(
            call.app.database, call.connection, call.given["target"], actor=call.visitor.actor, now=call.now, told=told
        )
    return TargetAct(id=call.given["target"], done="a trial was sent")


_TAG, _ALL = "messages", "/connections/{connection}/targets"
_MAY: dict[str, Any] = {"right": Right.ADMINISTER}
OPERATIONS = (
    reader(_TAG, _ALL, "Where people are told of this connection", Page[TargetLine], _listed, query=Paged, **_MAY),
    reader(
        _TAG,
        "/connections/{connection}/messages",
        "What people were told, newest first",
        Page[MessageRow],
        _sent,
        query=Paged,
        **_MAY,
    ),
    writer(
        _TAG,
        _ALL,
        "Have an address told",
        TargetLine,
        _add,
        body=NewTarget,
        example={"address": "mailtos://…"},
        **_MAY,
    ),
    writer(_TAG, f"{_ALL}/{{target}}/remove", "Tell an address nothing more", TargetAct, _remove, **_MAY),
    writer(_TAG, f"{_ALL}/{{target}}/test", "Send a trial now", TargetAct, _test, **_MAY),
)
