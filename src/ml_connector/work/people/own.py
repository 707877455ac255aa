"""What people do about themselves: another password."""

import msgspec

from ml_connector.model.people import Visitor
from ml_connector.store import people, sessions
from ml_connector.store.people import PersonRow
from ml_connector.work.people import tries
from ml_connector.work.people.identity import Identity, PersonError, PersonUnknownError, SignInRefusedError, hash_of
from ml_connector.work.people.passwords import objection
from ml_connector.work.people.revoking import revoke_all
from ml_connector.work.people.sessions import Browser


class Ended(msgspec.Struct, frozen=True, kw_only=True):
    """What ended with the old password: sessions, and tokens where their person wanted that."""

    sessions: int
    tokens: int


def myself(identity: Identity, visitor: Visitor) -> PersonRow:
    """The person behind a visitor. Raises PersonUnknownError for who runs the program's commands and is nobody of these."""
    with identity.database.read() as tx:
        found = people.by_id(tx, visitor.person_id)
    if found is None:
        raise PersonUnknownError(visitor.actor)
    return found


def change_password(
    identity: Identity, visitor: Visitor, *, current: str, new: str, session: str, browser: Browser, tokens: bool = False
) -> Ended:  # fmt: skip
    """Another password; every session but the one with this secret ends, and with `tokens` every token. Raises PersonError.

    Tokens go on unless their person says otherwise: most people change a password that nobody else knows, and their programs would
    stand still. The current password is asked for and its tries are counted, so that a browser somebody left open does not give
    the account away.
    """
    person, now = myself(identity, visitor), identity.clock.now()
    with identity.database.write() as tx:
        wait = tries.count(tx, person.login, browser.address, now)
    tries.raise_if_waiting(wait)
    if not identity.passwords.fits(person.password, current):
        raise SignInRefusedError("That is not your current password. Nothing was changed.")
    if wrong := objection(new, login=person.login, name=person.name):
        raise PersonError(wrong)
    if identity.passwords.fits(person.password, new):
        raise PersonError("That is the password you have already. Nothing was changed.")
    hashed = identity.passwords.hash(new)
    with identity.database.write(durable=True) as tx:
        fresh = people.held_fast(tx, person.id)
        if (
            fresh is None or fresh.password != person.password
        ):  # a reset ends what was known of the old one, this form too
            raise SignInRefusedError("Your password was changed or reset meanwhile. Nothing was changed by this.")
        tries.was_right(tx, person.login, browser.address, now)
        people.set_password(tx, person.id, hashed, now)
        ended = sessions.end_all(tx, person.id, now, person.login, but=hash_of(session))
        people.note(
            tx, at=now, actor=person.login, action="password changed", subject=person.login, address=browser.address
        )
        revoked = revoke_all(tx, person.id, by=person.login, now=now) if tokens else 0
    return Ended(sessions=ended, tokens=revoked)
