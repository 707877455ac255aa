"""One breach of a contract, as data: where it happened and what was wrong."""

from dataclasses import dataclass, field
from enum import StrEnum


class Rule(StrEnum):
    """What was broken."""

    PATH = "path"
    """Answered as if it existed, but no file knows it."""
    STATUS = "status"
    CONTENT_TYPE = "content type"
    BODY = "body"
    HEADER = "header"
    ACCEPTED = "accepted"
    """The twin said yes to a request the file forbids."""
    REQUEST = "request"
    """The product sent what the file forbids."""
    CRASH = "crash"
    """The twin itself broke."""
    RECORD = "record"
    """A record is not as QuickBooks' entity catalogue has it."""
    SECOND_OPINION = "second opinion"
    """Schemathesis objects where our own checks found nothing."""
    NEVER_GOOD = "never good"
    """However often it was tried, an operation never succeeded."""


@dataclass(frozen=True)
class Violation:
    """A breach. Two of the same kind at the same place are equal, however many records had it."""

    operation: str
    rule: Rule
    status: int
    """The answer's status; 0 where none was given."""
    keyword: str
    """Of a schema: the keyword that failed, such as `required`; of a request: `query`, `header`, `path`, `body`, `sign-in`."""
    where: str
    """The place inside the body or the name of the parameter, `*` for every position in a list."""
    what: str = field(compare=False)
    """The message, with the value of the first case seen."""

    def __str__(self) -> str:
        at = f" {self.where}" if self.where else ""
        return f"{self.operation} → {self.status or 'no answer'}: {self.rule}{at}: {self.what}"
