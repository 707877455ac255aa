"""People and their roles, and what was done to either. Passwords arrive as hashes; nothing here judges them.

A role's `connection_id` is a connection's id or EVERY_CONNECTION, so it is no reference: roles of one that is gone say nothing.
"""

from collections.abc import Mapping
from datetime import datetime

import msgspec
from sqlalchemy import ColumnElement, delete, func, select, update

from ml_connector.model.people import Role
from ml_connector.store.database import Tx
from ml_connector.store.rows import as_struct, as_structs, inserted
from ml_connector.store.schema import people, people_audit, roles

SIGNED_IN = "signed in"
"""Action of an entry: somebody has shown who they are, from the entry's address."""

Roles = Mapping[str, frozenset[Role]]
"""By connection id or EVERY_CONNECTION."""


class PersonRow(msgspec.Struct, frozen=True, kw_only=True):
    """One person. `login` is in lower case; `password` is a hash, empty until the person has chosen one.

    `subject` is who they are at the OpenID provider: its address, a space, and its name for them.
    """

    id: str
    login: str
    name: str
    password: str
    password_changed_at: datetime | None
    subject: str | None
    created_at: datetime
    created_by: str
    signed_in_at: datetime | None
    disabled_at: datetime | None


class RoleRow(msgspec.Struct, frozen=True, kw_only=True):
    """One role of one person."""

    person_id: str
    connection_id: str
    role: Role
    given_at: datetime
    given_by: str


class PeopleAuditRow(msgspec.Struct, frozen=True, kw_only=True):
    """One entry: what was done to a person, or by them to get in. `subject` is the person's login, `address` where it came from."""

    id: int
    at: datetime
    actor: str
    action: str
    subject: str
    detail: str
    address: str


def add(tx: Tx, *, person_id: str, login: str, name: str, now: datetime, by: str) -> bool:
    """Register a person without a password; False when the login is taken."""
    return inserted(
        tx,
        people,
        {"id": person_id, "login": login, "name": name, "password": "", "created_at": now, "created_by": by},
    )


def is_empty(tx: Tx) -> bool:
    """Whether there is no person yet."""
    return tx.execute(select(people.c.id).limit(1)).first() is None


def by_id(tx: Tx, person_id: str) -> PersonRow | None:
    """The person of that id."""
    return _one(tx, people.c.id == person_id)


def held_fast(tx: Tx, person_id: str) -> PersonRow | None:
    """The same, and until the transaction ends nobody resets their password, lets them in no more or the like."""
    row = tx.execute(select(people).where(people.c.id == person_id).with_for_update()).one_or_none()
    return None if row is None else as_struct(PersonRow, row)


def by_login(tx: Tx, login: str) -> PersonRow | None:
    """The person of that login."""
    return _one(tx, people.c.login == login)


def by_subject(tx: Tx, subject: str) -> PersonRow | None:
    """The person an OpenID provider calls so."""
    return _one(tx, people.c.subject == subject)


def _one(tx: Tx, condition: ColumnElement[bool]) -> PersonRow | None:
    row = tx.execute(select(people).where(condition)).one_or_none()
    return None if row is None else as_struct(PersonRow, row)


def list_all(tx: Tx) -> list[PersonRow]:
    """Everybody, by name."""
    query = select(people).order_by(func.lower(people.c.name), people.c.login)
    return as_structs(PersonRow, tx.execute(query))


def lock(tx: Tx) -> None:
    """Let changes of who may do what take turns on PostgreSQL; on SQLite writers always do."""
    tx.execute(select(people.c.id).order_by(people.c.id).with_for_update()).all()


def set_password(tx: Tx, person_id: str, password: str, now: datetime) -> None:
    """Keep a new password's hash."""
    _change(tx, person_id, password=password, password_changed_at=now)


def rehash(tx: Tx, person_id: str, password: str) -> None:
    """Keep another hash of the same password, made with today's costs."""
    _change(tx, person_id, password=password)


def set_subject(tx: Tx, person_id: str, subject: str) -> None:
    """Remember who a person is at the OpenID provider."""
    _change(tx, person_id, subject=subject)


def set_disabled(tx: Tx, person_id: str, disabled_at: datetime | None) -> None:
    """Let a person in no more, or again."""
    _change(tx, person_id, disabled_at=disabled_at)


def signed_in(tx: Tx, person_id: str, now: datetime) -> None:
    """Note that a person has just shown who they are."""
    _change(tx, person_id, signed_in_at=now)


def _change(tx: Tx, person_id: str, **columns: object) -> None:
    tx.execute(update(people).where(people.c.id == person_id).values(**columns))


# roles


def give(tx: Tx, person_id: str, connection_id: str, role: Role, *, now: datetime, by: str) -> bool:
    """Give a role; False when the person has it already."""
    values = {"person_id": person_id, "connection_id": connection_id, "role": role, "given_at": now, "given_by": by}
    return inserted(tx, roles, values)


def take(tx: Tx, person_id: str, connection_id: str, role: Role) -> bool:
    """Take a role away; False when the person does not have it."""
    statement = delete(roles).where(
        roles.c.person_id == person_id, roles.c.connection_id == connection_id, roles.c.role == role
    )
    return tx.execute(statement).rowcount > 0


def roles_of(tx: Tx, person_id: str) -> Roles:
    """What a person is, and where."""
    return grouped(_roles(tx, roles.c.person_id == person_id))


def all_roles(tx: Tx) -> dict[str, list[RoleRow]]:
    """Everybody's roles, by person id."""
    found: dict[str, list[RoleRow]] = {}
    for row in _roles(tx):
        found.setdefault(row.person_id, []).append(row)
    return found


def grouped(rows: list[RoleRow]) -> Roles:
    """One person's roles by connection."""
    found: dict[str, frozenset[Role]] = {}
    for row in rows:
        found[row.connection_id] = found.get(row.connection_id, frozenset()) | {row.role}
    return found


def _roles(tx: Tx, *conditions: ColumnElement[bool]) -> list[RoleRow]:
    query = select(roles).where(*conditions).order_by(roles.c.connection_id, roles.c.role)
    return as_structs(RoleRow, tx.execute(query))


def others_with(tx: Tx, connection_id: str, role: Role, person_id: str) -> bool:
    """Whether anybody else who can sign in has this role there."""
    query = (
        select(people.c.id)
        .join(roles, roles.c.person_id == people.c.id)
        .where(
            roles.c.connection_id == connection_id,
            roles.c.role == role,
            people.c.id != person_id,
            people.c.disabled_at.is_(None),
        )
    )
    return tx.execute(query.limit(1)).first() is not None


# what was done


def note(tx: Tx, *, at: datetime, actor: str, action: str, subject: str, detail: str = "", address: str = "") -> None:
    """Add an entry, in the transaction that makes the change it tells of. Entries are never changed."""
    tx.execute(
        people_audit.insert().values(
            at=at, actor=actor, action=action, subject=subject[:300], detail=detail, address=address
        )
    )


def signed_in_from(tx: Tx, login: str, since: datetime, limit: int = 100) -> list[str]:
    """The addresses somebody signed in from since then, one for each time, latest first."""
    query = select(people_audit.c.address).where(
        people_audit.c.subject == login, people_audit.c.action == SIGNED_IN, people_audit.c.at >= since,
        people_audit.c.address != "",
    )  # fmt: skip
    return list(tx.execute(query.order_by(people_audit.c.id.desc()).limit(limit)).scalars())


def notes(
    tx: Tx, *, subject: str | None = None, limit: int = 100, before_id: int | None = None
) -> list[PeopleAuditRow]:
    """Entries, newest first, of one login if given; `before_id` continues a page."""
    query = select(people_audit)
    if subject is not None:
        query = query.where(people_audit.c.subject == subject)
    if before_id is not None:
        query = query.where(people_audit.c.id < before_id)
    return as_structs(PeopleAuditRow, tx.execute(query.order_by(people_audit.c.id.desc()).limit(limit)))
