"""Who may do what: adding people, giving and taking roles, letting somebody in no more.

Somebody who administers every connection looks after everybody. Somebody who administers some sees and changes only roles in those,
and only of people who have one there: whether anybody else exists is not theirs to learn.
"""

import re
from collections.abc import Sequence
from uuid import uuid4

import msgspec

from ml_connector.model.people import EVERY_CONNECTION, Right, Role, Visitor
from ml_connector.store import audit, connections, people, sessions, ways_in
from ml_connector.store.database import Tx
from ml_connector.store.people import PersonRow, Roles
from ml_connector.work.people.identity import Identity, PersonError, PersonUnknownError
from ml_connector.work.people.links import WelcomeLink, hand_out
from ml_connector.work.people.revoking import revoke_all
from ml_connector.work.people.sessions import login_of
from ml_connector.work.settings import ConnectionSettings, SettingsError, addresses_in

_LOGIN = re.compile(r"[^\s,;/\"'<>\x00-\x1f]{1,200}")


class Grant(msgspec.Struct, frozen=True, kw_only=True):
    """A role in a connection, by the connection's id, or in all of them (EVERY_CONNECTION)."""

    connection_id: str
    role: Role


def administers_everything(visitor: Visitor) -> bool:
    """Whether somebody looks after the whole installation."""
    return Role.ADMINISTRATOR in visitor.roles.get(EVERY_CONNECTION, frozenset())


def sees(visitor: Visitor, roles: Roles) -> bool:
    """Whether somebody may know of a person with these roles."""
    if administers_everything(visitor):
        return True
    return any(
        (place == EVERY_CONNECTION and visitor.administers_some) or visitor.may(place, Right.ADMINISTER)
        for place in roles
        if roles[place]
    )


def add(identity: Identity, login: str, name: str, grants: Sequence[Grant], *, by: Visitor) -> WelcomeLink:
    """Add a person with their first roles; the link with which they choose a password. Raises PersonError."""
    _require_everything(by, "add people")
    login, name, now = login_of(login), name.strip() or login.strip(), identity.clock.now()
    if not _LOGIN.fullmatch(login):
        raise PersonError(
            f"{login!r} is no login: it is an e-mail address or a word, without spaces, commas, slashes or quotes."
        )
    person_id = str(uuid4())
    with identity.database.write(durable=True) as tx:
        if not people.add(tx, person_id=person_id, login=login, name=name, now=now, by=by.actor):
            raise PersonError(
                f"There is somebody with the login {login!r} already. Give them a role, or a link to choose a new password."
            )
        people.note(tx, at=now, actor=by.actor, action="added", subject=login, detail=name)
        for grant in grants:
            _give(tx, identity, login, person_id, grant, by)
        return hand_out(tx, identity, person_id, by=by.actor)


def person(tx: Tx, login: str, by: Visitor) -> PersonRow:
    """The person with that login, or that id. Raises PersonUnknownError, also for who may not be known of."""
    found = people.by_login(tx, login_of(login)) or people.by_id(tx, login)
    if found is None or not sees(by, people.roles_of(tx, found.id)):
        raise PersonUnknownError(login)
    return found


def give(identity: Identity, login: str, grant: Grant, *, by: Visitor) -> bool:
    """Give a role; False when the person has it already. Raises PersonError."""
    with identity.database.write(durable=True) as tx:
        found = person(tx, login, by)
        _require(by, grant)
        return _give(tx, identity, found.login, found.id, grant, by)


def _give(tx: Tx, identity: Identity, login: str, person_id: str, grant: Grant, by: Visitor) -> bool:  # noqa: PLR0917
    now = identity.clock.now()
    given = people.give(tx, person_id, grant.connection_id, grant.role, now=now, by=by.actor)
    if given:
        _note_role(tx, identity, login, grant, by, "role given")
    return given


def take(identity: Identity, login: str, grant: Grant, *, by: Visitor) -> bool:
    """Take a role away; False when the person does not have it. Raises PersonError, also for the last who looks after people."""
    with identity.database.write(durable=True) as tx:
        people.lock(tx)
        found = person(tx, login, by)
        _require(by, grant)
        if (grant.connection_id, grant.role) == (EVERY_CONNECTION, Role.ADMINISTRATOR):
            _keep_one(tx, found)
        taken = people.take(tx, found.id, grant.connection_id, grant.role)
        if taken:
            _note_role(tx, identity, found.login, grant, by, "role taken")
        return taken


def disable(identity: Identity, login: str, *, by: Visitor) -> None:
    """Let somebody in no more: sessions end, tokens and links stop working. Roles stay, for when they come back."""
    _require_everything(by, "let somebody in no more")
    now = identity.clock.now()
    with identity.database.write(durable=True) as tx:
        people.lock(tx)
        found = person(tx, login, by)
        _keep_one(tx, found)
        people.set_disabled(tx, found.id, now)
        sessions.end_all(tx, found.id, now, by.actor)
        revoke_all(tx, found.id, by=by.actor, now=now)
        ways_in.withdraw_links(tx, found.id, now)
        people.note(tx, at=now, actor=by.actor, action="disabled", subject=found.login)


def enable(identity: Identity, login: str, *, by: Visitor) -> None:
    """Let somebody in again, with their former password and roles; their tokens stay revoked."""
    _require_everything(by, "let somebody in again")
    now = identity.clock.now()
    with identity.database.write(durable=True) as tx:
        found = person(tx, login, by)
        people.set_disabled(tx, found.id, None)
        people.note(tx, at=now, actor=by.actor, action="enabled", subject=found.login)


def reset(identity: Identity, login: str, *, by: Visitor) -> WelcomeLink:
    """A link with which somebody chooses a new password. The old one stops working at once, and all sessions and tokens end.

    Whoever got hold of the password may have made tokens with it, and nobody could tell theirs from the others.
    """
    _require_everything(by, "give out links to choose a password")
    now = identity.clock.now()
    with identity.database.write(durable=True) as tx:
        found = person(tx, login, by)
        if found.disabled_at is not None:
            raise PersonError(f"{found.login} is not let in. Enable them first.")
        people.set_password(tx, found.id, "", now)
        sessions.end_all(tx, found.id, now, by.actor)
        people.note(tx, at=now, actor=by.actor, action="password reset", subject=found.login)
        revoke_all(tx, found.id, by=by.actor, now=now)
        return hand_out(tx, identity, found.id, by=by.actor)


def require_right_to_place(by: Visitor, before: ConnectionSettings, after: ConnectionSettings) -> None:
    """Raise SettingsError where somebody who looks after one company would change where its secrets and files go: they could have
    secrets sent to themselves that they are never shown, such as those of an app that several companies share."""
    old, new = _places(before), _places(after)
    changed = sorted(name for name in {*old, *new} if old.get(name) != new.get(name))
    if changed and not administers_everything(by):
        raise SettingsError(
            f"Only somebody who administers every connection can change {' and '.join(changed)}: secrets and files go there. "
            "Ask whoever looks after this installation. Nothing was saved."
        )


def _places(settings: ConnectionSettings) -> dict[str, str]:
    return addresses_in(settings) | {"basware.extracts.spool": str(settings.basware.extracts.spool)}


def _require_everything(by: Visitor, what: str) -> None:
    if not administers_everything(by):
        raise PersonError(f"Only somebody who administers every connection can {what}.")


def _require(by: Visitor, grant: Grant) -> None:
    """Roles are given and taken by who administers that connection; those in every connection by who administers them all."""
    if grant.connection_id == EVERY_CONNECTION:
        _require_everything(by, "give or take roles in all of them")
    elif not by.may(grant.connection_id, Right.ADMINISTER):
        raise PersonError("Only an administrator of a connection can give or take roles in it.")


def _keep_one(tx: Tx, found: PersonRow) -> None:
    is_one = Role.ADMINISTRATOR in people.roles_of(tx, found.id).get(EVERY_CONNECTION, frozenset())
    if is_one and not people.others_with(tx, EVERY_CONNECTION, Role.ADMINISTRATOR, found.id):
        raise PersonError(
            f"{found.login} is the only one who administers every connection. Give somebody else that role first: else nobody "
            "could look after people any more."
        )


def _note_role(tx: Tx, identity: Identity, login: str, grant: Grant, by: Visitor, action: str) -> None:  # noqa: PLR0917
    """In the people's audit, and in that of the connection: whoever looks after it sees who may do what there since when."""
    now = identity.clock.now()
    if grant.connection_id == EVERY_CONNECTION:
        place = "every connection"
    else:
        place = connections.get(tx, grant.connection_id).name
        audit.record(
            tx, grant.connection_id, at=now, actor=by.actor, action=action, subject=login, after=grant.role.value
        )
    people.note(tx, at=now, actor=by.actor, action=action, subject=login, detail=f"{grant.role.value} in {place}")
