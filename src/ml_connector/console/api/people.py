"""People: who may do what. Only whoever administers sees others; adding people takes administering everything."""

from datetime import datetime
from typing import Any

import msgspec

from ml_connector.console.api.me import Ended, Revoked
from ml_connector.console.api.operation import (
    Call,
    InputError,
    Name,
    Number,
    Page,
    Paged,
    Text,
    keyed,
    reader,
    sliced,
    writer,
)
from ml_connector.console.screens import Who
from ml_connector.console.trouble import NotFoundError
from ml_connector.model.people import EVERY_CONNECTION, Role
from ml_connector.store.people import PeopleAuditRow, PersonRow
from ml_connector.work.people import directory, sessions, shown, tokens
from ml_connector.work.people.directory import Grant
from ml_connector.work.people.shown import PersonLine, SessionLine, TokenLine


class RoleIn(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A role in a connection, or with `*` in all of them."""

    connection: Name
    role: Role


class NewPerson(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Somebody to add, with their first roles."""

    login: Name
    name: Text = ""
    roles: tuple[RoleIn, ...] = ()


class HistoryQuery(Paged, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Only what is about one person."""

    login: Text = ""


class Invited(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody who was added. `link` follows the console's address and lets whoever has it choose the password, once."""

    person: PersonLine
    link: str


class LinkFor(msgspec.Struct, frozen=True, kw_only=True):
    """A link for somebody. It follows the console's address and lets whoever has it choose the password, once."""

    person: PersonLine
    link: str
    ends_at: datetime


def _everybody(call: Call) -> Page[PersonLine]:
    return sliced(call.query, shown.directory(call.app.identity, call.visitor))


def _one(call: Call) -> PersonLine:
    return shown.one(call.app.identity, call.given["login"], call.visitor)


def _grant(call: Call, role: RoleIn) -> Grant:
    if role.connection == EVERY_CONNECTION:
        return Grant(connection_id=EVERY_CONNECTION, role=role.role)
    row = next((one for one in call.console.visible(call.visitor) if one.name == role.connection), None)
    if row is None:
        raise InputError(f"There is no connection {role.connection} that the token may know of.")
    return Grant(connection_id=row.id, role=role.role)


def _add(call: Call) -> Invited:
    body: NewPerson = call.body
    grants = [_grant(call, role) for role in body.roles]
    link = directory.add(call.app.identity, body.login, body.name, grants, by=call.visitor)
    return Invited(person=shown.one(call.app.identity, body.login, call.visitor), link=link.path)


def _give(call: Call) -> PersonLine:
    directory.give(call.app.identity, call.given["login"], _grant(call, call.body), by=call.visitor)
    return _one(call)


def _take(call: Call) -> PersonLine:
    before = _one(call)
    directory.take(call.app.identity, call.given["login"], _grant(call, call.body), by=call.visitor)
    after = [one for one in shown.directory(call.app.identity, call.visitor) if one.login == before.login]
    return after[0] if after else msgspec.structs.replace(before, roles=())


def _disable(call: Call) -> PersonLine:
    directory.disable(call.app.identity, call.given["login"], by=call.visitor)
    return _one(call)


def _enable(call: Call) -> PersonLine:
    directory.enable(call.app.identity, call.given["login"], by=call.visitor)
    return _one(call)


def _reset(call: Call) -> LinkFor:
    made = directory.reset(call.app.identity, call.given["login"], by=call.visitor)
    return LinkFor(person=_one(call), link=made.path, ends_at=made.expires_at)


def _sessions(call: Call) -> Page[SessionLine]:
    return sliced(call.query, shown.sessions_of(call.app.identity, _person(call)))


def _end(call: Call) -> Ended:
    return Ended(ended=sessions.end_all(call.app.identity, _person(call), actor=call.visitor.actor))


def _tokens(call: Call) -> Page[TokenLine]:
    return sliced(call.query, shown.tokens(call.app.identity, _person(call)))


def _revoke(call: Call) -> Revoked:
    owner, identity = _person(call), call.app.identity
    if call.given["number"] not in {one.token for one in shown.tokens(identity, owner)}:
        raise NotFoundError
    row = tokens.revoke(identity, call.given["number"], by=call.visitor)
    return Revoked(number=row.id, name=row.name)


def _history(call: Call) -> Page[PeopleAuditRow]:
    query: HistoryQuery = call.query

    def read(before: int | None, limit: int) -> list[PeopleAuditRow]:
        return shown.history(call.app.identity, query.login, limit=limit, before=before)

    return keyed(query, read, lambda one: one.id)


def _person(call: Call) -> PersonRow:
    return tokens.owner_of(call.app.identity, call.given["login"], by=call.visitor)


_TAG, _ONE = "people", "/people/{login}"
_SOME: dict[str, Any] = {"who": Who.SOME}
_ALL: dict[str, Any] = {"who": Who.ALL}
OPERATIONS = (
    reader(_TAG, "/people", "People with their roles, as far as the token may know of them", Page[PersonLine], _everybody,
           query=Paged, **_SOME),
    writer(
        _TAG, "/people", "Invite a person: add them, with a link to choose a password", Invited, _add, body=NewPerson,
        once=("link",), **_ALL,
        example={"login": "pat@example.com", "name": "Pat Lee", "roles": [{"connection": "acme-us", "role": "accountant"}]},
    ),
    reader(_TAG, _ONE, "One person", PersonLine, _one, **_SOME),
    writer(_TAG, f"{_ONE}/roles/give", "Give a role", PersonLine, _give, body=RoleIn, **_SOME),
    writer(_TAG, f"{_ONE}/roles/take", "Take a role", PersonLine, _take, body=RoleIn, **_SOME),
    writer(_TAG, f"{_ONE}/disable", "Let a person in no more", PersonLine, _disable, **_ALL),
    writer(_TAG, f"{_ONE}/enable", "Let a person in again", PersonLine, _enable, **_ALL),
    writer(
        _TAG, f"{_ONE}/reset", "A new link to choose a password; the one of now works no more", LinkFor, _reset,
        once=("link",), note="Their sessions end, and their tokens with those that programs asked for with them.", **_ALL,
    ),
    reader(_TAG, f"{_ONE}/sessions", "Where a person is signed in", Page[SessionLine], _sessions, query=Paged, **_ALL),
    writer(_TAG, f"{_ONE}/sessions/end", "End all sessions of a person", Ended, _end, **_ALL),
    reader(_TAG, f"{_ONE}/tokens", "The tokens of a person", Page[TokenLine], _tokens, query=Paged, **_ALL),
    writer(
        _TAG, f"{_ONE}/tokens/{{number}}/revoke", "Let a token of a person work no more", Revoked, _revoke,
        given={"number": Number}, **_ALL,
    ),
    reader(
        _TAG, "/people-history", "What was done to people, and who signed in, newest first", Page[PeopleAuditRow], _history,
        query=HistoryQuery, **_ALL,
    ),
)  # fmt: skip
