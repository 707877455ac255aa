"""What people look after themselves, through a program of theirs: password, where they are signed in, tokens.

A token sees and revokes only tokens for what it sees itself, and those it asks for are never more than it, nor live longer.
"""

from datetime import datetime
from typing import Annotated

import msgspec

from ml_connector.console.api.operation import Call, Name, Number, Page, Paged, Text, reader, sliced, writer
from ml_connector.console.trouble import NotFoundError
from ml_connector.console.visitors import browser_of
from ml_connector.model.people import EVERY_CONNECTION, Role
from ml_connector.work.people import sessions, shown, tokens
from ml_connector.work.people.identity import TOKEN_LIFE
from ml_connector.work.people.own import change_password, myself
from ml_connector.work.people.shown import SessionLine, TokenLine

Password = Annotated[str, msgspec.Meta(min_length=1, max_length=1000)]


class Myself(msgspec.Struct, frozen=True, kw_only=True):
    """Whose token this is, until when it works, and the rights it has by connection."""

    name: str
    actor: str
    ends_at: datetime | None
    rights: dict[str, tuple[str, ...]]


class NewPassword(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The password of now, and another one. `tokens`: none of one's tokens works any more, the one that asks included."""

    current: Password
    new: Password
    tokens: bool = False


class PasswordChanged(msgspec.Struct, frozen=True, kw_only=True):
    """How many sessions ended, and how many tokens that worked until then."""

    ended: int
    tokens: int


class EndSessions(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which session ends; all of them with no number."""

    session: Annotated[int, msgspec.Meta(ge=0, le=2**53)] = 0


class Ended(msgspec.Struct, frozen=True, kw_only=True):
    """How many sessions ended."""

    ended: int


class NewToken(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A token to make: for which program, in which connection or with `*` in all, as what, for how many days."""

    name: Name
    connection: Name
    role: Role = Role.VIEWER
    days: Annotated[int, msgspec.Meta(ge=1, le=TOKEN_LIFE.days)] = 90


class MadeToken(msgspec.Struct, frozen=True, kw_only=True):
    """A token that was made. `secret` is what the program sends; it is kept nowhere."""

    made: TokenLine
    secret: str


class Revoked(msgspec.Struct, frozen=True, kw_only=True):
    """A token that works no more, and with it those that programs with it asked for."""

    number: int
    name: Text


def _myself(call: Call) -> Myself:
    seen = call.console.visible(call.visitor)
    return Myself(
        name=call.visitor.name,
        actor=call.visitor.actor,
        ends_at=call.visitor.until,
        rights={row.name: tuple(sorted(right.value for right in call.visitor.rights(row.id))) for row in seen},
    )


def _password(call: Call) -> PasswordChanged:
    body: NewPassword = call.body
    ended = change_password(
        call.app.identity,
        call.visitor,
        current=body.current,
        new=body.new,
        session="",
        browser=browser_of(call.request),
        tokens=body.tokens,
    )
    return PasswordChanged(ended=ended.sessions, tokens=ended.tokens)


def _sessions(call: Call) -> Page[SessionLine]:
    identity = call.app.identity
    return sliced(call.query, shown.sessions_of(identity, myself(identity, call.visitor)))


def _end(call: Call) -> Ended:
    body: EndSessions = call.body
    identity, actor = call.app.identity, call.visitor.actor
    person = myself(identity, call.visitor)
    if not body.session:
        return Ended(ended=sessions.end_all(identity, person, actor=actor))
    if not sessions.end_one(identity, person, body.session, actor=actor):
        raise NotFoundError
    return Ended(ended=1)


def _tokens(call: Call) -> Page[TokenLine]:
    identity = call.app.identity
    return sliced(call.query, shown.tokens(identity, myself(identity, call.visitor), call.visitor))


def _make(call: Call) -> MadeToken:
    body: NewToken = call.body
    identity, every = call.app.identity, body.connection == EVERY_CONNECTION
    place = EVERY_CONNECTION if every else call.console.connection(call.request, body.connection).id
    made = tokens.make(
        identity, myself(identity, call.visitor), name=body.name, connection_id=place, role=body.role, days=body.days,
        by=call.visitor,
    )  # fmt: skip
    line = shown.token_line(made.row, tokens.owner_login(identity, made.row), body.connection, call.now)
    return MadeToken(made=line, secret=made.secret)


def _revoke(call: Call) -> Revoked:
    row = tokens.revoke(call.app.identity, call.given["number"], by=call.visitor)
    return Revoked(number=row.id, name=row.name)


_TAG = "people"
OPERATIONS = (
    reader(_TAG, "/me", "Whose token this is", Myself, _myself),
    writer(
        _TAG, "/me/password", "Another password; every session ends", PasswordChanged, _password, body=NewPassword,
        note="Tokens go on unless `tokens` is true: choose that where somebody else may know the password.",
        example={"current": "…", "new": "several words in a row", "tokens": False},
    ),
    reader(_TAG, "/me/sessions", "Where one is signed in", Page[SessionLine], _sessions, query=Paged),
    writer(
        _TAG, "/me/sessions/end", "End a session, or all", Ended, _end, body=EndSessions, misses=True, example={"session": 0},
    ),
    reader(_TAG, "/me/tokens", "One's tokens, as far as this one may know of them", Page[TokenLine], _tokens, query=Paged),
    writer(
        _TAG, "/me/tokens", "Make a token", MadeToken, _make, body=NewToken, once=("secret",), misses=True,
        note="It can be no more than the token it is asked for with, and ends with it at the latest.",
        example={"name": "nightly report", "connection": "acme-us", "role": "viewer", "days": 30},
    ),
    writer(
        _TAG, "/me/tokens/{number}/revoke", "Let a token work no more, with those it asked for", Revoked, _revoke,
        given={"number": Number},
    ),
)  # fmt: skip
