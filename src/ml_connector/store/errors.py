"""Everything the store refuses, as one small family, so that nobody above it needs to know SQLAlchemy.

StoreError
├── DatabaseUnavailableError   cannot be reached, is locked for too long, or broke off
│   └── DatabaseAddressError   its address cannot be used at all
├── DatabaseOutdatedError      written by an earlier version; migrate first
├── DatabaseTooNewError        written by a later version than this program
├── ConnectionUnknownError     no connection of that name or id
├── ConnectionExistsError      the name, or the pair of companies, is taken
├── DocumentAmbiguousError     a number that several documents carry
├── ValueRefusedError          an amount, moment, state or identifier that could not be kept exactly
│   └── KeyTooLongError        an identifier longer than any vendor's
├── MappingConflictError       two rules for one code, or a rule that is none
├── IntentNotReadyError        a batch was to take an intent that somebody else has
└── VaultError                 no usable master key, or an envelope that does not open
"""

from collections.abc import Sequence

from sqlalchemy.exc import DontWrapMixin


class StoreError(Exception):
    """Something the database or the vault refused, in words for the person who runs the program."""


class DatabaseUnavailableError(StoreError):
    """The database cannot be used right now. Trying again later may help."""


class DatabaseAddressError(DatabaseUnavailableError):
    """The database's address is none, or leads to where no database can be. Trying again does not help."""


class DatabaseOutdatedError(StoreError):
    """The tables are those of an earlier version of the program."""


class DatabaseTooNewError(StoreError):
    """The tables are those of a later version of the program, which this one must not touch."""


class ConnectionUnknownError(StoreError):
    """There is no connection of that name or id."""


class ConnectionExistsError(StoreError):
    """Another connection has this name, or connects the same two companies."""


class DocumentAmbiguousError(StoreError):
    """An invoice number fits several documents; `candidates` are their invoice ids with supplier."""

    def __init__(self, text: str, candidates: Sequence[str]) -> None:
        super().__init__(
            f"{text!r} fits {len(candidates)} documents; name one by its invoice id: {', '.join(candidates)}"
        )
        self.candidates = tuple(candidates)


class ValueRefusedError(DontWrapMixin, StoreError):
    """A value that would lose something in the database, such as a float as an amount or a time without a zone."""


class KeyTooLongError(ValueRefusedError):
    """An identifier is longer than the store can index. Nothing either vendor defines comes near the limit."""


class PlaceError(StoreError):
    """Where a list is to go on is no place in its order."""


class MappingConflictError(StoreError):
    """A mapping rule contradicts another one or itself."""


class IntentNotReadyError(StoreError):
    """An intent that was to be sent is not ready any more: another worker has it, or it was withdrawn."""


class VaultError(StoreError):
    """The master key is missing or unusable, or a secret does not open. Never carries any part of a secret."""
