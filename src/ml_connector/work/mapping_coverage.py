"""Which codes the documents use, what each leads to, and what waits for those that lead nowhere.

Every waiting document counts. The codes of those that were read once are kept by whoever asks, since what arrived never changes,
and what was made of them as long as nothing it was made of does: a page costs the same however many documents wait.
"""

from collections import OrderedDict
from collections.abc import Iterable, Sequence
from decimal import Decimal
from threading import Lock

import msgspec

from ml_connector.basware.translation import UnreadableDocument, read_document
from ml_connector.model.books import Books
from ml_connector.model.documents import AccountingDocument, CodingRow, row_name
from ml_connector.model.mapping import Dimension, Mapping, records_of
from ml_connector.model.policy import PostingPolicy
from ml_connector.rules.mapping import NO_ROW, Match, resolve
from ml_connector.rules.propose import Proposal, propose
from ml_connector.store import document_lists, documents, inbox, links, mappings
from ml_connector.store.document_lists import WaitingSum
from ml_connector.store.documents import DocumentRow
from ml_connector.store.rows import chunks
from ml_connector.store.schema import DocumentState
from ml_connector.work.desk import Desk
from ml_connector.work.lists import KeptBooks

LOOKED_AT = 1000
"""Documents that a change is tried on."""
_PORTION = 500
"""Documents that are read at once."""
NOTHING = AccountingDocument(
    invoice_id="", company_code="", supplier_code="", currency="", processing_status="", content_hash=""
)
"""A document of which nothing is known: no rule without conditions asks."""
_WAITING = (DocumentState.RECEIVED, DocumentState.HELD, DocumentState.VENDOR_PENDING)


class CodeLine(msgspec.Struct, frozen=True, kw_only=True):
    """One code of one dimension. `documents` wait with it, `money` is what they come to by currency.

    `covered`: every row with it finds a rule; `rule` and `target` say which. `sure` is how sure a proposal is: `certain`,
    `likely`, or empty where there is none.
    """

    dimension: str
    code: str
    name: str
    documents: int
    money: dict[str, Decimal]
    covered: bool
    rule: str
    target_id: str
    target: str
    proposed_id: str = ""
    proposed: str = ""
    sure: str = ""
    why: str = ""


class DimensionCoverage(msgspec.Struct, frozen=True, kw_only=True):
    """How much of a dimension is mapped: its codes in use, those that lead somewhere, and of these those by the default only."""

    dimension: str
    codes: int
    covered: int
    by_default: int
    percent: int


class Coverage(msgspec.Struct, frozen=True, kw_only=True):
    """Every code in use, unmapped ones first and of these the most money first; how much of each dimension is mapped."""

    lines: tuple[CodeLine, ...]
    dimensions: tuple[DimensionCoverage, ...]
    documents: int


_Code = tuple[Dimension, str, str]
"""A code a document uses, with Basware's name for it."""


class ReadDocuments:
    """Documents that were read, by the arrival they came with; the least used go first. Safe to share between threads."""

    def __init__(self, most: int = 5 * LOOKED_AT) -> None:
        self._most, self._lock, self.books = most, Lock(), KeptBooks()
        self._known: OrderedDict[tuple[str, int], AccountingDocument | None] = OrderedDict()
        self._codes: dict[str, tuple[PostingPolicy, dict[int, tuple[_Code, ...] | None]]] = {}
        self._found: dict[str, tuple[object, Coverage]] = {}

    def codes(self, desk: Desk, arrivals: Sequence[int]) -> dict[int, tuple[_Code, ...]]:
        """What codes these arrivals use; those nobody can read are left out. Of others nothing is kept."""
        with self._lock:
            policy, before = self._codes.get(desk.connection_id, (desk.policy, {}))
        known = {one: before[one] for one in arrivals if one in before} if policy == desk.policy else {}
        same: dict[_Code, _Code] = {}  # ten thousand documents use the same few hundred codes
        for some in chunks((one for one in arrivals if one not in known), _PORTION):
            with desk.database.read() as tx:
                texts = inbox.payloads(tx, desk.connection_id, some)
            for arrival, text in texts.items():
                document = _read(text)
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
        fresh = {keys[inbox_id]: _read(text) for inbox_id, text in payloads.items()}
        with self._lock:
            self._known |= fresh
            found = [(row, document) for row in rows if (document := self._known.get(keys[row.inbox_id])) is not None]
            for key in keys.values():
                if key in self._known:
                    self._known.move_to_end(key)
            while len(self._known) > self._most:
                self._known.popitem(last=False)
        return found


def _read(payload: str) -> AccountingDocument | None:
    try:
        return read_document(payload.encode())
    except UnreadableDocument:
        return None


def coverage(desk: Desk, known: ReadDocuments | None = None) -> Coverage:
    """Which codes waiting documents use and what each leads to. Reads our own tables only."""
    reading = known or ReadDocuments()
    books = reading.books.of(desk)
    with desk.database.read() as tx:
        mark = document_lists.mark(tx, desk.connection_id, _WAITING)
        version = mappings.version(tx, desk.connection_id)
        linked_mark = links.mark(tx, desk.connection_id, "vendor")
    made_of = (mark, version, linked_mark, reading.books.signature(desk), desk.policy)
    if (found := reading.found(desk, made_of)) is not None:
        return found
    with desk.database.read() as tx:
        rows = document_lists.waiting_sums(tx, desk.connection_id, _WAITING)
        mapping = mappings.load(tx, desk.connection_id)
        linked = links.pairs(tx, desk.connection_id, "vendor")
    uses = _Uses(mapping, books, linked, desk.policy)
    used = reading.codes(desk, [row.inbox_id for row in rows])
    read = [row for row in rows if row.inbox_id in used]
    if uses.by_condition:  # what a code means depends on the other codes of its row then
        for some in chunks(read, _PORTION):
            with desk.database.read() as tx:
                texts = inbox.payloads(tx, desk.connection_id, [row.inbox_id for row in some])
            for row in some:
                if (document := _read(texts.get(row.inbox_id, ""))) is not None:
                    uses.note(row, codes_of(document, desk.policy), document)
    else:
        for row in read:
            uses.note(row, ((*code, NO_ROW) for code in used[row.inbox_id]))
    lines = uses.lines()
    made = Coverage(lines=tuple(lines), dimensions=_per_dimension(lines), documents=len(read))
    reading.keep(desk, made_of, made)
    return made


def waiting(desk: Desk) -> tuple[list[DocumentRow], bool]:
    """The documents that a change is tried on, and whether more wait."""
    with desk.database.read() as tx:
        rows = documents.in_state(tx, desk.connection_id, _WAITING, limit=LOOKED_AT + 1)
    return rows[:LOOKED_AT], len(rows) > LOOKED_AT


def codes_of(document: AccountingDocument, policy: PostingPolicy) -> Iterable[tuple[Dimension, str, str, CodingRow]]:
    """Every code of a document that a mapping rule may lead somewhere: dimension, code, Basware's name for it, and its row."""
    yield Dimension.VENDOR, document.supplier_code, document.supplier_name, NO_ROW
    if document.payment_term_code and policy.sources.term:
        yield Dimension.TERM, document.payment_term_code, document.payment_term_name, NO_ROW
    sources = sources_of(policy)
    for row in document.rows:
        for dimension, field in sources.items():
            if code := row.codes.get(field, ""):
                yield dimension, code, row_name(row, field), row


def sources_of(policy: PostingPolicy) -> dict[Dimension, str]:
    """The field of coding rows that feeds each dimension; dimensions that are switched off are left out."""
    sources = policy.sources
    found = {
        Dimension.ACCOUNT: sources.account,
        Dimension.LOCATION: sources.location,
        Dimension.CLASS: sources.class_,
        Dimension.CUSTOMER: sources.customer,
        Dimension.ITEM: sources.item,
        Dimension.TAX_CODE: sources.tax_code,
    }
    return {dimension: field for dimension, field in found.items() if field}


class _Uses:
    """Collects what each code is used for."""

    def __init__(self, mapping: Mapping, books: Books, linked: dict[str, str], policy: PostingPolicy) -> None:
        self._mapping, self._books, self._linked, self._policy = mapping, books, linked, policy
        self.by_condition = {rule.dimension for rule in mapping.rules if rule.conditions}
        self._numbers = {vendor.number: vendor for vendor in books.vendors.values() if vendor.number and vendor.active}
        self._names: dict[tuple[Dimension, str], str] = {}
        self._sums: dict[tuple[Dimension, str], tuple[int, dict[str, Decimal]]] = {}
        self._matches: dict[tuple[Dimension, str], Match] = {}
        self._skip_tax = books.preferences.is_us

    def note(
        self,
        row: WaitingSum,
        codes: Iterable[tuple[Dimension, str, str, CodingRow]],
        document: AccountingDocument = NOTHING,
    ) -> None:
        """Take the codes of one document in. The document itself matters only where rules have conditions."""
        counted: set[tuple[Dimension, str]] = set()
        for dimension, code, name, coding in codes:
            if dimension is Dimension.TAX_CODE and self._skip_tax:
                continue
            key = (dimension, code)
            if not self._names.get(key):
                self._names[key] = name
            if key not in counted:
                counted.add(key)
                self._count(key, row)
            match = self._matches.get(key)
            # Without conditions a code means the same everywhere; with them one row without a rule is what matters.
            if match is None or (dimension in self.by_condition and match.found):
                self._matches[key] = self._match(dimension, code, document, coding)

    def _count(self, key: tuple[Dimension, str], row: WaitingSum) -> None:
        number, money = self._sums.get(key, (0, {}))
        if row.total is not None:
            money[row.currency] = money.get(row.currency, Decimal(0)) + row.total
        self._sums[key] = number + 1, money

    def _match(self, dimension: Dimension, code: str, document: AccountingDocument, coding: CodingRow) -> Match:
        match = resolve(self._mapping, dimension, code, document, coding)
        if dimension is not Dimension.VENDOR or (match.found and not match.is_default):
            return match
        if code in self._linked:
            return Match(code=code, target_id=self._linked[code], rule="linked", found=True)
        if code in self._numbers:
            return Match(code=code, target_id=self._numbers[code].id, rule="same vendor number", found=True)
        return match

    def lines(self) -> list[CodeLine]:
        """Every code, unmapped ones first, most money first."""
        proposed = self._proposed()
        found = [self._line(key, proposed.get(key)) for key in self._sums]
        return sorted(
            found,
            key=lambda one: (
                one.covered,
                -sum(abs(amount) for amount in one.money.values()),
                list(Dimension).index(Dimension(one.dimension)),
                one.code,
            ),
        )

    def _proposed(self) -> dict[tuple[Dimension, str], Proposal]:
        found: dict[tuple[Dimension, str], Proposal] = {}
        for dimension in Dimension:
            if dimension is Dimension.TAX_CODE:  # two codes of one rate can mean different boxes of the return
                continue
            unknown = [
                (code, self._names[of, code])
                for (of, code), match in self._matches.items()
                if of is dimension and not match.found
            ]
            if unknown:
                found |= {(dimension, one.code): one for one in propose(unknown, self._books, dimension)}
        return found

    def _line(self, key: tuple[Dimension, str], proposed: Proposal | None) -> CodeLine:
        dimension, code = key
        match, (number, money) = self._matches[key], self._sums[key]
        return CodeLine(
            dimension=dimension.value,
            code=code,
            name=self._names[key],
            documents=number,
            money=money,
            covered=match.found,
            rule=match.rule,
            target_id=match.target_id,
            target=target_label(self._books, dimension, match),
            proposed_id=proposed.target_id if proposed else "",
            proposed=proposed.target_name if proposed else "",
            sure=proposed.confidence if proposed else "",
            why=proposed.why if proposed else "",
        )


def target_label(books: Books, dimension: Dimension, match: Match) -> str:
    """The record a match leads to, by name; in words where it leads to none."""
    if not match.found:
        return ""
    if not match.target_id:
        return "left empty"
    record = records_of(books, dimension).get(match.target_id)
    return record.label if record else f"id {match.target_id}"


def _per_dimension(lines: Sequence[CodeLine]) -> tuple[DimensionCoverage, ...]:
    found = []
    for dimension in Dimension:
        own = [line for line in lines if line.dimension == dimension.value]
        covered = sum(line.covered for line in own)
        if own:
            found.append(
                DimensionCoverage(
                    dimension=dimension.value,
                    codes=len(own),
                    covered=covered,
                    by_default=sum(line.rule == "default" for line in own),
                    percent=covered * 100 // len(own),
                )
            )
    return tuple(found)
