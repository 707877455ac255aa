"""What the rules find out about one document while it is planned: causes that hold it, and why each field has its value.

It only collects: a cause never stops the other rules from looking, so that a person sees everything at once.
"""

from collections.abc import Iterable

import msgspec

from ml_connector.model.books import Books
from ml_connector.model.documents import AccountingDocument
from ml_connector.model.holds import Cause, Hold
from ml_connector.model.mapping import Mapping
from ml_connector.model.policy import PostingPolicy
from ml_connector.model.postings import ChosenDate, Explanation


class Task(msgspec.Struct, frozen=True, kw_only=True):
    """One document and everything its posting is decided by."""

    document: AccountingDocument
    books: Books
    mapping: Mapping
    policy: PostingPolicy
    chosen: ChosenDate | None = None
    """The posting date that a person chose for it, if anybody did."""

    @property
    def latin1_only(self) -> bool:
        """US companies store ISO-8859-1 text only."""
        return self.books.preferences.is_us


class Findings:
    """Collects the holds and explanations of one document. Equal causes on several rows become one hold that names the rows."""

    def __init__(self) -> None:
        self._holds: dict[tuple[Cause, str, tuple[tuple[str, str], ...]], dict[int, None]] = {}
        self._explanations: list[Explanation] = []

    def hold(self, cause: Cause, subject: str = "", *, rows: Iterable[int] = (), **facts: str) -> None:
        """Note a cause. The same cause with the same subject and facts is kept once, with all its rows."""
        self._holds.setdefault((cause, subject, tuple(facts.items())), {}).update(dict.fromkeys(rows))

    def explain(self, field: str, source: str, rule: str, result: str) -> None:
        """Note where a posted field comes from, by which rule, and what it became."""
        self._explanations.append(Explanation(field=field, source=source, rule=rule, result=result))

    @property
    def holds(self) -> tuple[Hold, ...]:
        """Every cause found so far, in the order found."""
        return tuple(
            Hold(cause=cause, subject=subject, facts=dict(facts), rows=tuple(rows))
            for (cause, subject, facts), rows in self._holds.items()
        )

    @property
    def explanations(self) -> tuple[Explanation, ...]:
        """Every explanation so far, in the order given."""
        return tuple(self._explanations)
