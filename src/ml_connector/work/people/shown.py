"""People, sessions, tokens and what was done to them as others see them; the command line prints the same as JSON.

Nobody is shown more than they may know: roles in connections that somebody does not administer are not theirs to see.
"""

from collections.abc import Mapping
from datetime import datetime

import msgspec

from ml_connector.model.people import EVERY_CONNECTION, Right, Visitor
from ml_connector.store import connections, people, sessions, ways_in
from ml_connector.store.people import PeopleAuditRow, PersonRow, RoleRow
from ml_connector.store.ways_in import TokenRow
from ml_connector.work.people.directory import administers_everything, person, sees
from ml_connector.work.people.identity import Identity
from ml_connector.work.people.sessions import login_of
from ml_connector.work.people.tokens import may_know


class RoleLine(msgspec.Struct, frozen=True, kw_only=True):
    """One role; `connection` is a name, or "*" for all."""

    connection: str
    role: str
    given_at: datetime
    given_by: str


class PersonLine(msgspec.Struct, frozen=True, kw_only=True):
    """One person. `state` is active, invited (has a link and no password yet), without password, or disabled."""

    person: str
    login: str
    name: str
    state: str
    roles: tuple[RoleLine, ...]
    signed_in_at: datetime | None
    created_at: datetime
    created_by: str


class SessionLine(msgspec.Struct, frozen=True, kw_only=True):
    """One living session. `browser` is its name and system in short; `here` marks the one that asks."""

    session: int
    browser: str
    address: str
    means: str
    signed_in_at: datetime
    used_at: datetime
    ends_at: datetime
    here: bool


class TokenLine(msgspec.Struct, frozen=True, kw_only=True):
    """One token. `begins` is all of it that is kept readable; `state` is active, ended or revoked."""

    token: int
    login: str
    name: str
    begins: str
    connection: str
    role: str
    state: str
    made_at: datetime
    ends_at: datetime
    used_at: datetime | None


def directory(identity: Identity, by: Visitor) -> list[PersonLine]:
    """Everybody whom somebody may know of, by name."""
    now = identity.clock.now()
    with identity.database.read() as tx:
        names = {row.id: row.name for row in connections.list_all(tx)}
        waiting, all_roles, everybody = ways_in.waiting_links(tx, now), people.all_roles(tx), people.list_all(tx)
    lines = []
    for row in everybody:
        roles = all_roles.get(row.id, [])
        if sees(by, people.grouped(roles)):
            lines.append(_person_line(row, roles, names, by, invited=row.id in waiting))
    return lines


def one(identity: Identity, login: str, by: Visitor) -> PersonLine:
    """One person. Raises PersonUnknownError."""
    with identity.database.read() as tx:
        found = person(tx, login, by)
    return next(line for line in directory(identity, by) if line.login == found.login)


def _person_line(
    row: PersonRow, roles: list[RoleRow], names: Mapping[str, str], by: Visitor, *, invited: bool
) -> PersonLine:
    if row.disabled_at is not None:
        state = "disabled"
    elif row.password or row.subject:
        state = "active"
    else:
        state = "invited" if invited else "without password"
    return PersonLine(
        person=row.id,
        login=row.login,
        name=row.name,
        state=state,
        roles=tuple(_role_line(role, names) for role in roles if _may_see(role, names, by)),
        signed_in_at=row.signed_in_at,
        created_at=row.created_at,
        created_by=row.created_by if administers_everything(by) else "",
    )


def _may_see(role: RoleRow, names: Mapping[str, str], by: Visitor) -> bool:
    if role.connection_id == EVERY_CONNECTION:
        return True
    return role.connection_id in names and by.may(role.connection_id, Right.ADMINISTER)


def _role_line(role: RoleRow, names: Mapping[str, str]) -> RoleLine:
    name = EVERY_CONNECTION if role.connection_id == EVERY_CONNECTION else names[role.connection_id]
    return RoleLine(connection=name, role=role.role.value, given_at=role.given_at, given_by=role.given_by)


def sessions_of(identity: Identity, found: PersonRow, here: str = "") -> list[SessionLine]:
    """A person's living sessions, the last used first; `here` is the hash of the one that asks."""
    now = identity.clock.now()
    with identity.database.read() as tx:
        rows = sessions.of_person(tx, found.id, now, identity.seen_since(now))
    return [
        SessionLine(
            session=row.id, browser=browser_label(row.browser), address=row.address, means=row.means, signed_in_at=row.created_at,
            used_at=row.seen_at, ends_at=min(row.expires_at, row.seen_at + identity.limits.idle),
            here=row.hash == here,
        )
        for row in rows
    ]  # fmt: skip


_BROWSERS = (
    ("Edg/", "Edge"), ("OPR/", "Opera"), ("Firefox/", "Firefox"), ("FxiOS/", "Firefox"), ("CriOS/", "Chrome"),
    ("Chrome/", "Chrome"), ("Safari/", "Safari"), ("curl/", "curl"),
)  # fmt: skip
"""By what they say of themselves, which begins with what they want to be taken for; the first that fits is it."""
_SYSTEMS = (
    ("Windows", "Windows"), ("iPhone", "iPhone"), ("iPad", "iPad"), ("Android", "Android"), ("Mac OS X", "macOS"),
    ("CrOS", "ChromeOS"), ("Linux", "Linux"),
)  # fmt: skip


def browser_label(told: str) -> str:
    """A browser as people call it, from what it says of itself; that itself where it is none of those known."""
    name = next((name for sign, name in _BROWSERS if sign in told), "")
    system = next((name for sign, name in _SYSTEMS if sign in told), "")
    return f"{name} on {system}" if name and system else name or told[:60]


def tokens(identity: Identity, owner: PersonRow | None = None, by: Visitor | None = None) -> list[TokenLine]:
    """A person's tokens, or everybody's, newest first; those that `by` may know of."""
    now = identity.clock.now()
    with identity.database.read() as tx:
        rows = ways_in.tokens(tx, owner.id if owner else None)
        logins = {row.id: row.login for row in people.list_all(tx)}
        names = {row.id: row.name for row in connections.list_all(tx)} | {EVERY_CONNECTION: EVERY_CONNECTION}
    return [
        token_line(row, logins[row.person_id], names.get(row.connection_id, "(gone)"), now)
        for row in rows
        if by is None or may_know(row, by)
    ]


def token_line(row: TokenRow, login: str, connection: str, now: datetime) -> TokenLine:
    """One token as people see it."""
    state = "revoked" if row.revoked_at else "ended" if row.expires_at <= now else "active"
    return TokenLine(
        token=row.id, login=login, name=row.name, begins=row.shown, connection=connection, role=row.role.value,
        state=state, made_at=row.created_at, ends_at=row.expires_at, used_at=row.used_at,
    )  # fmt: skip


def history(
    identity: Identity, login: str = "", *, limit: int = 100, before: int | None = None
) -> list[PeopleAuditRow]:
    """What was done to people, newest first; of one login if given."""
    with identity.database.read() as tx:
        return people.notes(tx, subject=login_of(login) if login else None, limit=limit, before_id=before)
