"""What codes of waiting documents might become, where no rule is for them, and taking such proposals over as rules."""

from collections.abc import Sequence

import msgspec

from ml_connector.model.mapping import Dimension, MappingRule
from ml_connector.rules.propose import propose
from ml_connector.store import document_lists, mappings
from ml_connector.work.desk import Desk
from ml_connector.work.mapping_coverage import WAITING, ReadDocuments
from ml_connector.work.mapping_tables import rule_id
from ml_connector.work.mapping_uses import PROPOSED


class ProposedRule(msgspec.Struct, frozen=True, kw_only=True):
    """A mapping proposed for a code that documents use and no rule covers."""

    dimension: str
    code: str
    code_name: str
    target_id: str
    target_name: str
    confidence: str
    why: str


def proposals(desk: Desk, known: ReadDocuments | None = None) -> list[ProposedRule]:
    """What to map the codes of waiting documents to: those that no rule is for, most certain first within each dimension."""
    reading = known or ReadDocuments()
    books = reading.books.of(desk)
    with desk.database.read() as tx:
        rules = mappings.load(tx, desk.connection_id).rules
        rows = document_lists.waiting_sums(tx, desk.connection_id, WAITING)
    mapped = {(rule.dimension, rule.code) for rule in rules}
    # Suppliers whose code is a vendor's number need no rule: the posting rules find them by it.
    mapped |= {(Dimension.VENDOR, vendor.number) for vendor in books.vendors.values() if vendor.number}
    names: dict[Dimension, dict[str, str]] = {dimension: {} for dimension in PROPOSED}
    for codes in reading.codes(desk, [row.inbox_id for row in rows]).values():
        for dimension, code, name in codes:
            if dimension in names and (dimension, code) not in mapped and not names[dimension].get(code):
                names[dimension][code] = name
    return [
        ProposedRule(
            dimension=dimension.value,
            code=one.code,
            code_name=called[one.code],
            target_id=one.target_id,
            target_name=one.target_name,
            confidence=one.confidence,
            why=one.why,
        )
        for dimension, called in names.items()
        for one in propose(sorted(called.items()), books, dimension)
    ]


def accept(desk: Desk, chosen: Sequence[ProposedRule], *, actor: str) -> int:
    """Take proposals over as rules, as one change; how many. A code that has a rule by now keeps it."""
    rules = [
        MappingRule(
            id=rule_id(Dimension(one.dimension), one.code),
            dimension=Dimension(one.dimension),
            target_id=one.target_id,
            target_name=one.target_name,
            code=one.code,
            note=f"proposed: {one.why}",
        )
        for one in chosen
    ]
    with desk.write() as tx:
        now = desk.clock.now()
        added = mappings.add_missing(tx, desk.connection_id, rules, by=actor, now=now, why="proposals accepted")
    return len(added)
