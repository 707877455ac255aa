"""What makes a password, and its hash: argon2id with the costs of RFC 9106's second choice (64 MiB, 3 rounds, 4 lanes).

Only length counts, as NIST SP 800-63B (5.1.1.2) asks: no rules about kinds of characters, but no word that is tried first either.
"""

import unicodedata
from threading import BoundedSemaphore

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from argon2.profiles import RFC_9106_LOW_MEMORY

SHORTEST = 12
LONGEST = 200
_AT_ONCE = 4
"""Each takes 64 MiB for a moment; more at once wait their turn."""

_COMMON = frozenset({
    "password1234", "password12345", "passwordpassword", "password123456", "passw0rd1234", "123456789012",
    "1234567890123", "12345678901234", "123456123456", "123123123123", "112233445566", "111111111111",
    "000000000000", "qwertyuiop12", "qwertyuiop123", "qwertyuiopasdf", "qwertyqwerty", "qwerty123456",
    "1q2w3e4r5t6y", "1qaz2wsx3edc", "q1w2e3r4t5y6", "zaq12wsxcde3", "asdfghjkl123", "abcdefghijkl", "abcdefghijklm",
    "abcd12345678", "abc123abc123", "aaaaaaaaaaaa", "letmeinletmein", "letmein12345", "welcome12345",
    "welcome123456", "administrator", "administrator1", "admin1234567", "adminadminadmin", "iloveyou1234",
    "iloveyouiloveyou", "changemechangeme", "changeme1234", "changeme12345", "football1234", "baseball1234",
    "superman1234", "sunshine1234", "princess1234", "trustno1trustno1", "monkey123456", "dragon123456",
    "master123456", "correcthorsebatterystaple", "quickbooks12", "quickbooks123", "quickbooks1234", "basware12345",
    "accounting12", "accounting123", "accountspayable", "accounts1234", "invoice12345", "finance12345",
    "mlconnector1", "ml-connector", "ml-connector1",
})  # fmt: skip
"""Twelve characters and more that lists of stolen passwords begin with, and those this program's own words suggest."""


class Passwords:
    """Makes and checks hashes. `hasher` decides what each costs."""

    def __init__(self, hasher: PasswordHasher | None = None) -> None:
        self._hasher = hasher or PasswordHasher.from_parameters(RFC_9106_LOW_MEMORY)
        self._turn = BoundedSemaphore(_AT_ONCE)
        self._nobodys = ""

    def hash(self, password: str) -> str:
        """What is kept of a password."""
        with self._turn:
            return self._hasher.hash(_spelled(password))

    def fits(self, stored: str, password: str) -> bool:
        """Whether a password is the one with that hash. It takes as long where there is no hash: nobody learns who exists."""
        nobodys = (
            self._hash_of_nobody()
        )  # also where it is not needed: the first to sign in waits for it, whoever that is
        checked = stored or nobodys
        with self._turn:
            try:
                right = self._hasher.verify(checked, _spelled(password[: LONGEST + 1]))
            except (VerificationError, InvalidHashError):
                return False
        return right and bool(stored)

    def is_outdated(self, stored: str) -> bool:
        """Whether a hash was made with other costs than today's."""
        return self._hasher.check_needs_rehash(stored)

    def _hash_of_nobody(self) -> str:
        if not self._nobodys:
            self._nobodys = self.hash("a password nobody has")
        return self._nobodys


def objection(password: str, *, login: str, name: str) -> str:
    """Why a password is none, in words; empty when it is one."""
    spelled = _spelled(password)
    plain = spelled.casefold()
    own = [part for part in (login.casefold(), login.casefold().partition("@")[0], name.casefold()) if part]
    if len(spelled) < SHORTEST:
        return f"A password has at least {SHORTEST} characters. Several words in a row are easy to remember."
    if len(spelled) > LONGEST:
        return f"A password has at most {LONGEST} characters."
    if len(set(plain)) < 4 or plain in _COMMON:
        return "This password is among the first that anybody would try. Take one that only you could think of."
    if any(plain == part or plain == part * 2 or plain.strip("0123456789!.-_") == part for part in own):
        return "A password is not one's own name or login, nor that with a number behind it."
    return ""


def _spelled(password: str) -> str:
    """One spelling for what is one text to a person, whichever keyboard it was typed on."""
    return unicodedata.normalize("NFKC", password)
