"""Links that let somebody choose a password, tokens that let a program in, and how often each login and address was tried.

Of links and tokens only hashes are kept; what a login or an address is kept under in the counts is the caller's choice.
"""

from collections.abc import Collection
from datetime import datetime

import msgspec
from sqlalchemy import ColumnElement, and_, delete, select, update

from ml_connector.model.people import Role
from ml_connector.store.database import Tx
from ml_connector.store.rows import as_struct, as_structs, insert
from ml_connector.store.schema import api_tokens, sign_in_tries, welcome_links


class LinkRow(msgspec.Struct, frozen=True, kw_only=True):
    """One link. `person_id` is empty of the one with which the first person of all sets the installation up."""

    hash: str
    person_id: str | None
    made_by: str
    created_at: datetime
    expires_at: datetime
    used_at: datetime | None


class TokenRow(msgspec.Struct, frozen=True, kw_only=True):
    """One token of a person. `shown` is its beginning, by which people tell theirs apart; `made_with` is the token of the program
    that asked for this one, if one did."""

    id: int
    person_id: str
    hash: str
    shown: str
    name: str
    connection_id: str
    role: Role
    made_with: int | None
    created_at: datetime
    expires_at: datetime
    used_at: datetime | None
    revoked_at: datetime | None
    revoked_by: str


class TriesRow(msgspec.Struct, frozen=True, kw_only=True):
    """How often one login, or from one address, somebody tried to sign in since it last worked."""

    key: str
    tries: int
    last_at: datetime
    wait_until: datetime | None


# links


def add_link(tx: Tx, *, hash_: str, person_id: str | None, by: str, now: datetime, expires_at: datetime) -> None:
    """Hand a link out. Earlier ones for the same person stop working."""
    if person_id is not None:
        withdraw_links(tx, person_id, now)
    tx.execute(
        welcome_links.insert().values(
            hash=hash_, person_id=person_id, made_by=by, created_at=now, expires_at=expires_at, used_at=None
        )
    )


def open_link(tx: Tx, hash_: str, now: datetime) -> LinkRow | None:
    """The link of that hash, if it can still be used."""
    row = tx.execute(select(welcome_links).where(_usable(hash_, now))).one_or_none()
    return None if row is None else as_struct(LinkRow, row)


def use_link(tx: Tx, hash_: str, now: datetime) -> LinkRow | None:
    """Use a link, once and for all: of two that come with the same one, one gets it."""
    statement = update(welcome_links).where(_usable(hash_, now)).values(used_at=now).returning(*welcome_links.c)
    row = tx.execute(statement).one_or_none()
    return None if row is None else as_struct(LinkRow, row)


def _usable(hash_: str, now: datetime) -> ColumnElement[bool]:
    return and_(welcome_links.c.hash == hash_, welcome_links.c.used_at.is_(None), welcome_links.c.expires_at > now)


def withdraw_links(tx: Tx, person_id: str, now: datetime) -> None:
    """Let no link of a person work any more."""
    mine = welcome_links.c.person_id == person_id
    tx.execute(update(welcome_links).where(mine, welcome_links.c.used_at.is_(None)).values(used_at=now))


def waiting_links(tx: Tx, now: datetime) -> dict[str, datetime]:
    """Until when a link still works that was handed out for somebody, by person id."""
    query = select(welcome_links.c.person_id, welcome_links.c.expires_at).where(
        welcome_links.c.person_id.is_not(None), welcome_links.c.used_at.is_(None), welcome_links.c.expires_at > now
    )
    return {row.person_id: row.expires_at for row in tx.execute(query)}


# tokens


def add_token(
    tx: Tx,
    *,
    person_id: str,
    hash_: str,
    shown: str,
    name: str,
    connection_id: str,
    role: Role,
    now: datetime,
    expires_at: datetime,
    made_with: int | None = None,
) -> TokenRow:
    """Keep a new token."""
    statement = api_tokens.insert().values(
        person_id=person_id, hash=hash_, shown=shown, name=name, connection_id=connection_id, role=role,
        made_with=made_with, created_at=now, expires_at=expires_at, used_at=None, revoked_at=None, revoked_by="",
    )  # fmt: skip
    return as_struct(TokenRow, tx.execute(statement.returning(*api_tokens.c)).one())


def living_token(tx: Tx, hash_: str, now: datetime) -> TokenRow | None:
    """The token of that hash, unless it was revoked or has reached its end."""
    query = select(api_tokens).where(
        api_tokens.c.hash == hash_, api_tokens.c.revoked_at.is_(None), api_tokens.c.expires_at > now
    )
    row = tx.execute(query).one_or_none()
    return None if row is None else as_struct(TokenRow, row)


def token(tx: Tx, token_id: int) -> TokenRow | None:
    """A token by its number."""
    row = tx.execute(select(api_tokens).where(api_tokens.c.id == token_id)).one_or_none()
    return None if row is None else as_struct(TokenRow, row)


def tokens(tx: Tx, person_id: str | None = None) -> list[TokenRow]:
    """All tokens, or those of a person, newest first; revoked and ended ones too."""
    query = select(api_tokens).order_by(api_tokens.c.created_at.desc(), api_tokens.c.id.desc())
    if person_id is not None:
        query = query.where(api_tokens.c.person_id == person_id)
    return as_structs(TokenRow, tx.execute(query))


def token_used(tx: Tx, token_id: int, now: datetime) -> None:
    """Note when a token was last used."""
    tx.execute(update(api_tokens).where(api_tokens.c.id == token_id).values(used_at=now))


def revoke_token(tx: Tx, token_id: int, now: datetime, by: str) -> bool:
    """Let a token work no more; False when it did not work already."""
    mine = update(api_tokens).where(api_tokens.c.id == token_id, api_tokens.c.revoked_at.is_(None))
    return tx.execute(mine.values(revoked_at=now, revoked_by=by)).rowcount > 0


def made_with(tx: Tx, token_ids: Collection[int]) -> list[TokenRow]:
    """The tokens that programs with one of these asked for, the working ones only."""
    query = select(api_tokens).where(api_tokens.c.made_with.in_(token_ids), api_tokens.c.revoked_at.is_(None))
    return as_structs(TokenRow, tx.execute(query))


# tries


def tries(tx: Tx, key: str, now: datetime) -> TriesRow:
    """What is counted under a key, held until the transaction ends so that tries at the same moment are all counted."""
    new = {"key": key, "tries": 0, "last_at": now, "wait_until": None}
    tx.execute(insert(tx, sign_in_tries).values(**new).on_conflict_do_nothing())
    row = tx.execute(select(sign_in_tries).where(sign_in_tries.c.key == key).with_for_update()).one()
    return as_struct(TriesRow, row)


def count_try(tx: Tx, key: str, number: int, now: datetime, wait_until: datetime | None) -> None:
    """Keep a new count."""
    values = {"tries": number, "last_at": now, "wait_until": wait_until}
    tx.execute(update(sign_in_tries).where(sign_in_tries.c.key == key).values(**values))


def forget_tries(tx: Tx, key: str) -> None:
    """Begin to count anew."""
    tx.execute(delete(sign_in_tries).where(sign_in_tries.c.key == key))


def forget_old(tx: Tx, before: datetime) -> None:
    """Remove counts that nothing was added to since, and links that ended by then."""
    tx.execute(delete(sign_in_tries).where(sign_in_tries.c.last_at < before))
    tx.execute(delete(welcome_links).where(welcome_links.c.expires_at < before))
