"""Tokens for programs that use the API: each belongs to a person, in one connection or all, with one role at most.

A token never does more than its person may do at that moment: when a role is taken from them, their tokens lose it too. A program
may ask for further tokens, and none of them may do more than its own, lives longer, or outlives its being revoked.
"""

from datetime import timedelta

import msgspec

from ml_connector.model.people import EVERY_CONNECTION, PROGRAM, RIGHTS, Role, Visitor, narrowed
from ml_connector.store import people, sessions, ways_in
from ml_connector.store.database import Tx
from ml_connector.store.people import PersonRow, Roles
from ml_connector.store.ways_in import TokenRow
from ml_connector.work.people import tries
from ml_connector.work.people.directory import administers_everything, person
from ml_connector.work.people.identity import TOKEN_LIFE, Identity, PersonError, hash_of, new_secret
from ml_connector.work.people.revoking import revoke_with_offspring

PREFIX = "mlc_"
"""Tells people and programs that look for leaked secrets whose token this is."""
_SHOWN = len(PREFIX) + 6
_NOTED_EVERY = timedelta(minutes=1)


class NewToken(msgspec.Struct, frozen=True, kw_only=True):
    """A token just made. `secret` is shown once and kept nowhere."""

    row: TokenRow
    secret: str

    def __repr__(self) -> str:
        return f"NewToken({self.row.shown}…)"


def make(
    identity: Identity, owner: PersonRow, *, name: str, connection_id: str, role: Role, days: int, by: Visitor
) -> NewToken:
    """A new token for a person. Raises PersonError where it would do more than they may, live too long, or has no name.

    Asked for with a token (`by`) it does no more than that one, and ends with it at the latest.
    """
    if owner.id != by.person_id and not administers_everything(by):
        raise PersonError("People make their own tokens.")
    if not name.strip():
        raise PersonError("Give the token a name that says which program it is for.")
    if not 0 < days <= TOKEN_LIFE.days:
        raise PersonError(f"A token lives between one day and {TOKEN_LIFE.days} days.")
    life = timedelta(days=days)
    now, secret = identity.clock.now(), PREFIX + new_secret()
    if by.token_id and not _within(by.roles, connection_id, role):
        raise PersonError(
            f"A token asked for with a token can be no more than that one, which is not {role.value} there."
        )
    if by.until is not None and now + life > by.until:
        raise PersonError(
            f"A token asked for with a token ends with it at the latest, {by.until.isoformat(timespec='minutes')}. Name fewer "
            "days, or make it in the console."
        )
    with identity.database.write(durable=True) as tx:
        _require_still_in(tx, owner, by)
        if not _within(people.roles_of(tx, owner.id), connection_id, role):
            raise PersonError(f"A token can be no more than its person, and {owner.login} is not {role.value} there.")
        row = ways_in.add_token(
            tx, person_id=owner.id, hash_=hash_of(secret), shown=secret[:_SHOWN], name=name.strip()[:100],
            connection_id=connection_id, role=role, now=now, expires_at=now + life,
            made_with=by.token_id or None,
        )  # fmt: skip
        people.note(
            tx, at=now, actor=by.actor, action="token made", subject=owner.login, detail=f"{row.shown}… {row.name}"
        )
    return NewToken(row=row, secret=secret)


def _require_still_in(tx: Tx, owner: PersonRow, by: Visitor) -> None:
    """Raise PersonError where a reset has just ended what somebody came with. Until the transaction ends there is none, so that one
    that comes later finds the token: whoever stole a session cannot make one that stays."""
    for person_id in sorted({owner.id, by.person_id} - {""}):
        people.held_fast(tx, person_id)
    asking = ways_in.token(tx, by.token_id) if by.token_id else None
    ended = (by.token_id and (asking is None or asking.revoked_at is not None)) or (
        by.session_id and not sessions.is_open(tx, by.session_id)
    )
    if ended:
        raise PersonError("What you came with has ended meanwhile. Sign in again; no token was made.")


def _within(own: Roles, connection_id: str, role: Role) -> bool:
    held = own.get(EVERY_CONNECTION, frozenset())
    if connection_id != EVERY_CONNECTION:
        held |= own.get(connection_id, frozenset())
    return RIGHTS[role] <= frozenset().union(*(RIGHTS[one] for one in held))


def revoke(identity: Identity, token_id: int, *, by: Visitor) -> TokenRow:
    """Let a token work no more, and those that programs with it asked for. Raises PersonError for one that is not there, or is none
    of theirs."""
    now = identity.clock.now()
    with identity.database.write(durable=True) as tx:
        row = ways_in.token(tx, token_id)
        if row is None or not may_know(row, by):
            raise PersonError(f"There is no token {token_id} of yours.")
        revoke_with_offspring(tx, [row], by=by.actor, now=now)
    return row


def may_know(row: TokenRow, by: Visitor) -> bool:
    """Whether somebody may see a token and revoke it: people theirs, their programs those for what they see, and whoever
    administers everything all."""
    if administers_everything(by):
        return True
    return row.person_id == by.person_id and (not by.token_id or bool(by.rights(row.connection_id)))


def let_in(identity: Identity, secret: str, address: str) -> Visitor | None:
    """Who calls with a token from an address; None when it does not work. Raises TooManyTriesError for one wrong token too many.

    A right token is never kept waiting: programs behind one address do not suffer from each other's mistakes.
    """
    found = visitor_of_token(identity, secret)
    if found is None and secret:
        with identity.database.write() as tx:
            wait = tries.wrong_token(tx, address, identity.clock.now())
        tries.raise_if_waiting(wait)
    return found


def visitor_of_token(identity: Identity, secret: str) -> Visitor | None:
    """Who calls with a token, with what is left of its role; None when it does not work (any more)."""
    if not secret.startswith(PREFIX):
        return None
    now = identity.clock.now()
    with identity.database.read() as tx:
        row = ways_in.living_token(tx, hash_of(secret), now)
        owner = people.by_id(tx, row.person_id) if row else None
        own = people.roles_of(tx, owner.id) if owner else {}
    if row is None or owner is None or owner.disabled_at is not None:
        return None
    if row.used_at is None or now - row.used_at >= _NOTED_EVERY:
        with identity.database.write() as tx:
            ways_in.token_used(tx, row.id, now)
    roles = narrowed(own, row.connection_id, row.role)
    return Visitor(
        person_id=owner.id, name=owner.name, actor=f"{owner.login}{PROGRAM}{row.name})", roles=roles, token_id=row.id,
        until=row.expires_at,
    )  # fmt: skip


def owner_login(identity: Identity, row: TokenRow) -> str:
    """The login of a token's person."""
    with identity.database.read() as tx:
        found = people.by_id(tx, row.person_id)
    return found.login if found else ""


def owner_of(identity: Identity, login: str, *, by: Visitor) -> PersonRow:
    """The person with that login. Raises PersonUnknownError."""
    with identity.database.read() as tx:
        return person(tx, login, by)
