"""How often signing in may be tried: the waits grow with every try that fails, for a login and for an address.

The counts are in the database, so that all processes of an installation share them. A try is counted before its password is looked
at and taken back when it was right: of many at the same moment none is free.
"""

import hashlib
from datetime import datetime, timedelta
from ipaddress import IPv6Address, ip_address, ip_network

from ml_connector.store import people, ways_in
from ml_connector.store.database import Tx
from ml_connector.work.people.identity import TooManyTriesError

FREE_FOR_LOGIN = 5
FREE_FOR_ADDRESS = 30
"""An office shares one address."""
FREE_TOKENS = 20
"""Wrong tokens of the API from one address. Nobody guesses 256 bits; what is kept off is a program that goes on with an old one."""
FIRST_WAIT = timedelta(seconds=10)
LONGEST_WAIT = timedelta(minutes=15)
"""Nobody who guesses somebody's login can keep them out for longer, and from where they signed in lately not at all."""
KNOWN_FOR = timedelta(days=30)
FORGOTTEN_AFTER = timedelta(days=1)


def wait_after(tries: int, free: int) -> timedelta:
    """How long to wait after so many tries that failed: nothing for the free ones, then ten seconds, and twice that with each."""
    if tries < free:
        return timedelta(0)
    doublings = min(tries - free, 20)
    return min(FIRST_WAIT * (1 << doublings), LONGEST_WAIT)


def count(tx: Tx, login: str, address: str, now: datetime) -> timedelta | None:
    """Count a try about to be made. How long it has to wait instead, if it has to; it is not counted then."""
    counted = []
    for key, free in _keys(tx, login, address, now):
        row = ways_in.tries(tx, key, now)
        if row.wait_until is not None and row.wait_until > now:
            return row.wait_until - now
        before = row.tries if now - row.last_at < FORGOTTEN_AFTER else 0
        counted.append((key, before + 1, free))
    for key, number, free in counted:
        wait = wait_after(number, free)
        ways_in.count_try(tx, key, number, now, now + wait if wait else None)
    return None


def was_right(tx: Tx, login: str, address: str, now: datetime) -> None:
    """Take back what was counted for a try that was right. The login begins anew; its address only loses this one try, or one
    who knows a single password could try others without end."""
    (address_key, free), (login_key, _) = _keys(tx, login, address, now)
    row = ways_in.tries(tx, address_key, now)
    number = max(0, row.tries - 1)
    wait = wait_after(number, free)
    ways_in.count_try(tx, address_key, number, now, now + wait if wait else None)
    ways_in.forget_tries(tx, login_key)


def wrong_token(tx: Tx, address: str, now: datetime) -> timedelta | None:
    """Count a wrong token from an address. How long the next one has to wait, if this one came too early or was one too many."""
    key = f"token {_short(_network(address))}"
    row = ways_in.tries(tx, key, now)
    if row.wait_until is not None and row.wait_until > now:
        return row.wait_until - now
    number = (row.tries if now - row.last_at < FORGOTTEN_AFTER else 0) + 1
    wait = wait_after(number, FREE_TOKENS)
    ways_in.count_try(tx, key, number, now, now + wait if wait else None)
    if number == FREE_TOKENS:
        people.note(
            tx, at=now, actor="?", action="wrong tokens", subject="", detail=f"{number} of them", address=address
        )
    return wait or None


def raise_if_waiting(wait: timedelta | None) -> None:
    """Raise TooManyTriesError where a try has to wait."""
    if wait is not None:
        raise TooManyTriesError(wait)


def _keys(tx: Tx, login: str, address: str, now: datetime) -> tuple[tuple[str, int], tuple[str, int]]:
    """What is counted, always in this order: two at the same moment do not wait for each other, and an address that has to wait
    leaves nothing of the logins it goes on to try.

    From where somebody signed in lately a login is counted by itself: whoever tries it from elsewhere keeps nobody out of there.
    """
    network = _network(address)
    known = {_network(one) for one in people.signed_in_from(tx, login, now - KNOWN_FOR)}
    here = f"login {_short(login)}" + (f" from {_short(network)}" if network in known else "")
    return (f"address {_short(network)}", FREE_FOR_ADDRESS), (here, FREE_FOR_LOGIN)


def _network(address: str) -> str:
    """What one customer of a provider has: one IPv4 address, or all of the 2^64 IPv6 addresses of a network."""
    try:
        known = ip_address(address)
    except ValueError:
        return address
    if isinstance(known, IPv6Address) and known.ipv4_mapped is None:
        return str(ip_network((int(known) >> 64 << 64, 64)))
    return address


def _short(text: str) -> str:
    """Whatever somebody typed, short enough for a key; what is typed into the wrong field may be a password."""
    return hashlib.sha256(text.encode()).hexdigest()
