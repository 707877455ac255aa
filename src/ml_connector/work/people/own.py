"""What people do about themselves: another password."""

from ml_connector.model.people import Visitor
from ml_connector.store import people, sessions
from ml_connector.store.people import PersonRow
from ml_connector.work.people import tries
from ml_connector.work.people.identity import Identity, PersonError, PersonUnknownError, SignInRefusedError, hash_of
from ml_connector.work.people.passwords import objection
from ml_connector.work.people.sessions import Browser


def myself(identity: Identity, visitor: Visitor) -> PersonRow:
    """The person behind a visitor. Raises PersonUnknownError for who runs the program's commands and is nobody of these."""
    with identity.database.read() as tx:
        found = people.by_id(tx, visitor.person_id)
    if found is None:
        raise PersonUnknownError(visitor.actor)
    return found


def change_password(
    identity: Identity, visitor: Visitor, *, current: str, new: str, session: str, browser: Browser
) -> int:
    """Another password; every session but the one with this secret ends. How many ended. Raises PersonError.

    The current one is asked for and its tries are counted, so that a browser somebody left open does not give the account away.
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
        tries.was_right(tx, person.login, browser.address, now)
        people.set_password(tx, person.id, hashed, now)
        ended = sessions.end_all(tx, person.id, now, person.login, but=hash_of(session))
        people.note(
            tx, at=now, actor=person.login, action="password changed", subject=person.login, address=browser.address
        )
    return ended
