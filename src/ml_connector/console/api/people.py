"""People: who may do what. Only whoever administers sees others; adding people takes administering everything."""

import msgspec

from ml_connector.console.api.operation import Call, InputError, Name, Text, reader, writer
from ml_connector.model.people import EVERY_CONNECTION, Role
from ml_connector.work.people import directory, shown
from ml_connector.work.people.directory import Grant
from ml_connector.work.people.shown import PersonLine


class Myself(msgspec.Struct, frozen=True, kw_only=True):
    """Whose token this is, and the rights it has by connection."""

    name: str
    actor: str
    rights: dict[str, tuple[str, ...]]


class RoleIn(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A role in a connection, or with `*` in all of them."""

    connection: Name
    role: Role


class NewPerson(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Somebody to add, with their first roles."""

    login: Name
    name: Text = ""
    roles: tuple[RoleIn, ...] = ()


class Invited(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody who was added. `link` follows the console's address and lets whoever has it choose the password, once."""

    person: PersonLine
    link: str


def _myself(call: Call) -> Myself:
    seen = call.console.visible(call.visitor)
    return Myself(
        name=call.visitor.name,
        actor=call.visitor.actor,
        rights={row.name: tuple(sorted(right.value for right in call.visitor.rights(row.id))) for row in seen},
    )


def _everybody(call: Call) -> list[PersonLine]:
    return shown.directory(call.app.identity, call.visitor)


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
    after = [one for one in _everybody(call) if one.login == before.login]
    return after[0] if after else msgspec.structs.replace(before, roles=())


def _disable(call: Call) -> PersonLine:
    directory.disable(call.app.identity, call.given["login"], by=call.visitor)
    return _one(call)


def _enable(call: Call) -> PersonLine:
    directory.enable(call.app.identity, call.given["login"], by=call.visitor)
    return _one(call)


_TAG, _ONE = "people", "/people/{login}"
OPERATIONS = (
    reader(_TAG, "/me", "Whose token this is", Myself, _myself),
    reader(
        _TAG, "/people", "People with their roles, as far as the token may know of them", list[PersonLine], _everybody
    ),
    writer(_TAG, "/people", "Add a person", Invited, _add, body=NewPerson),
    reader(_TAG, _ONE, "One person", PersonLine, _one),
    writer(_TAG, f"{_ONE}/roles/give", "Give a role", PersonLine, _give, body=RoleIn),
    writer(_TAG, f"{_ONE}/roles/take", "Take a role", PersonLine, _take, body=RoleIn),
    writer(_TAG, f"{_ONE}/disable", "Let a person in no more", PersonLine, _disable),
    writer(_TAG, f"{_ONE}/enable", "Let a person in again", PersonLine, _enable),
)
