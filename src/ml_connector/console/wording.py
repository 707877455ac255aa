"""What the tables call things, in the words of people: what happened to a document, what became of a webhook call.

A table of facts for pages. What the API and the audit keep is the name itself; nothing here is ever read back.
"""

import re
from collections.abc import Mapping

from ml_connector.model.holds import Cause
from ml_connector.rules.causes import title_of

_ACTIONS: Mapping[str, str] = {
    "planned: hold": "held",
    "planned: refuse": "held, and Basware is told at once",
    "planned: post": "planned: to be posted",
    "planned: update": "planned: what was posted is brought up to date",
    "planned: adopt": "recognised in QuickBooks",
    "planned: create vendor": "planned: its vendor is created first",
    "planned: nothing": "looked at: nothing to write",
    "duplicate: link": "decided: it is in QuickBooks already",
    "duplicate: post anyway": "decided: post it anyway",
    "duplicate: reject": "decided: back to Basware",
    "taken back: delete": "decided: delete what was posted",
    "taken back: reverse": "decided: reverse what was posted",
    "taken back: keep": "decided: keep what was posted",
    "drift: accept": "decided: QuickBooks is right",
    "drift: restore": "decided: bring back what was posted",
    "drift: ignore": "decided: it may stay different",
}
_CODES = {cause.value for cause in Cause}
_OUTCOMES = {
    "stored": "taken", "test": "a trial", "unknown company": "about a company nobody has here", "unreadable": "cannot be read",
}  # fmt: skip
_NOTICES = {
    "waiting": "to be read", "done": "read", "echo": "of our own writing", "ignored": "of no concern", "failed": "failed",
}  # fmt: skip
_WORKER = re.compile(r"[^/\s]+/[^/\s]*/\d+\.\d*(/\S+)?")
_WORD = re.compile(r"(?<=[a-z])(?=[A-Z])")


def happened(action: str) -> str:
    """What happened, with a capital."""
    said = _ACTIONS.get(action, action)
    return said[:1].upper() + said[1:]


def reasons(text: str) -> str:
    """Why something happened: codes of causes by their titles, anything else as it was said."""
    codes = text.split(", ")
    return ", ".join(map(title_of, codes)) if text and set(codes) <= _CODES else text


def who(actor: str) -> str:
    """Who did something: a person by name, one of our own processes (`work/workers.py` names them) as the program."""
    return "ml-connector" if _WORKER.fullmatch(actor) else actor


def outcome(name: str) -> str:
    """What became of a webhook call when it came."""
    return _OUTCOMES.get(name, name)


def notices(numbers: Mapping[str, int]) -> str:
    """How many announcements of a call are how far."""
    return ", ".join(f"{number} {_NOTICES.get(state, state)}" for state, number in sorted(numbers.items()))


def notice(state: str) -> str:
    """How far one announcement is."""
    return _NOTICES.get(state, state)


def record(kind: str) -> str:
    """A kind of record as people write it: "Vendor credit" for VendorCredit, "Location" for QuickBooks' department."""
    if kind == "Department":
        return "Location"
    words = _WORD.sub(" ", kind).lower()
    return words[:1].upper() + words[1:]
