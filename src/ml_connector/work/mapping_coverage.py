"""What is mapped of the codes that waiting documents use: each code with what it leads to, from documents that are read once.

Every waiting document counts. The codes of those that were read once are kept by whoever asks, since what arrived never changes,
and what was made of them as long as nothing it was made of does: a page costs the same however many documents wait.
"""

from collections import OrderedDict
from collections.abc import Sequence
from threading import Lock

from ml_connector.model.documents import AccountingDocument
from ml_connector.model.policy import PostingPolicy
from ml_connector.rules.mapping import NO_ROW
from ml_connector.store import document_lists, documents, inbox, links, mappings
from ml_connector.store.documents import DocumentRow
from ml_connector.store.rows import chunks
from ml_connector.store.schema import DocumentState
from ml_connector.work.desk import Desk
from ml_connector.work.lists import KeptBooks
from ml_connector.work.mapping_codes import Code, codes_of
from ml_connector.work.mapping_uses import Coverage, Uses, per_dimension
from ml_connector.work.reading import readable

LOOKED_AT = 1000
"""Documents that a change is tried on."""
_PORTION = 500
"""Documents that are read at once."""
WAITING = (DocumentState.RECEIVED, DocumentState.HELD, DocumentState.VENDOR_PENDING)
"""Documents whose codes count: nothing is written for them yet."""


class ReadDocuments:
    """Documents that were read, by the arrival they came with; the least used go first. Safe to share between threads."""

    def __init__(self, most: int = 5 * LOOKED_AT) -> None:
        self._most, self._lock, self.books = most, Lock(), KeptBooks()
        self._known: OrderedDict[tuple[str, int], AccountingDocument | None] = OrderedDict()
        self._codes: dict[str, tuple[PostingPolicy, dict[int, tuple[Code, ...] | None]]] = {}
        self._found: dict[str, tuple[object, Coverage]] = {}

    def codes(self, desk: Desk, arrivals: Sequence[int]) -> dict[int, tuple[Code, ...]]:
        """What codes these arrivals use; those nobody can read are left out. Of others nothing is kept."""
        with self._lock:
            policy, before = self._codes.get(desk.connection_id, (desk.policy, {}))
        known = {one: before[one] for one in arrivals if one in before} if policy == desk.policy else {}
        same: dict[Code, Code] = {}  # ten thousand documents use the same few hundred codes
        for some in chunks((one for one in arrivals if one not in known), _PORTION):
            with desk.database.read() as tx:
                texts = inbox.payloads(tx, desk.connection_id, some)
            for arrival, text in texts.items():
                document = readable(text)
                found = () if document is None else dict.fromkeys(code[:3] for code in codes_of(document, desk.policy))
                known[arrival] = None if document is None else tuple(same.setdefault(one, one) for one in found)
        with self._lock:
            self._codes[desk.connection_id] = desk.policy, known
        return {arrival: found for arrival, found in known.items() if found is not None}

    def found(self, desk: Desk, made_of: object) -> Coverage | None:
        """What was found last, if it was made of the same."""
        with self._lock:
            known = self._found.get(desk.connection_id)
        return known[1] if known is not None and known[0] == made_of else None

    def keep(self, desk: Desk, made_of: object, found: Coverage) -> None:
        """Remember what was found."""
        with self._lock:
            self._found[desk.connection_id] = made_of, found

    def read(self, desk: Desk, rows: Sequence[DocumentRow]) -> list[tuple[DocumentRow, AccountingDocument]]:
        """Documents in this order; those nobody can read are left out."""
        keys = {row.inbox_id: (desk.connection_id, row.inbox_id) for row in rows}
        with self._lock:
            missing = [inbox_id for inbox_id, key in keys.items() if key not in self._known]
        with desk.database.read() as tx:
            payloads = inbox.payloads(tx, desk.connection_id, missing) if missing else {}
        fresh = {keys[inbox_id]: readable(text) for inbox_id, text in payloads.items()}
        with self._lock:
            self._known |= fresh
            found = [(row, document) for row in rows if (document := self._known.get(keys[row.inbox_id])) is not None]
            for key in keys.values():
                if key in self._known:
                    self._known.move_to_end(key)
            while len(self._known) > self._most:
                self._known.popitem(last=False)
        return found


def coverage(desk: Desk, known: ReadDocuments | None = None) -> Coverage:
    """Which codes waiting documents use and what each leads to. Reads our own tables only."""
    reading = known or ReadDocuments()
    books = reading.books.of(desk)
    with desk.database.read() as tx:
        mark = document_lists.mark(tx, desk.connection_id, WAITING)
        version = mappings.version(tx, desk.connection_id)
        linked_mark = links.mark(tx, desk.connection_id, "vendor")
    made_of = (mark, version, linked_mark, reading.books.signature(desk), desk.policy)
    if (found := reading.found(desk, made_of)) is not None:
        return found
    with desk.database.read() as tx:
        rows = document_lists.waiting_sums(tx, desk.connection_id, WAITING)
        mapping = mappings.load(tx, desk.connection_id)
        linked = links.pairs(tx, desk.connection_id, "vendor")
    uses = Uses(mapping, books, linked, desk.policy)
    used = reading.codes(desk, [row.inbox_id for row in rows])
    read = [row for row in rows if row.inbox_id in used]
    if uses.by_condition:  # what a code means depends on the other codes of its row then
        for some in chunks(read, _PORTION):
            with desk.database.read() as tx:
                texts = inbox.payloads(tx, desk.connection_id, [row.inbox_id for row in some])
            for row in some:
                if (document := readable(texts.get(row.inbox_id, ""))) is not None:
                    uses.note(row, codes_of(document, desk.policy), document)
    else:
        for row in read:
            uses.note(row, ((*code, NO_ROW) for code in used[row.inbox_id]))
    lines = uses.lines()
    made = Coverage(lines=tuple(lines), dimensions=per_dimension(lines), documents=len(read))
    reading.keep(desk, made_of, made)
    return made


def waiting(desk: Desk) -> tuple[list[DocumentRow], bool]:
    """The documents that a change is tried on, and whether more wait."""
    with desk.database.read() as tx:
        rows = documents.in_state(tx, desk.connection_id, WAITING, limit=LOOKED_AT + 1)
    return rows[:LOOKED_AT], len(rows) > LOOKED_AT
