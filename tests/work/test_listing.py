"""Long lists read to their end while others work: nothing that was there the whole time is missing or comes twice."""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import islice, repeat
from typing import Any, NamedTuple

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import BigInteger, Boolean, ColumnElement, Integer, Table, and_, delete, update

from ml_connector.store import schema as s
from ml_connector.store.columns import Choice, Instant, Json, Money
from ml_connector.store.copies import CopySort
from ml_connector.store.database import Database, Tx
from ml_connector.store.document_search import DocumentFilter, Order
from ml_connector.store.errors import PlaceError
from ml_connector.store.ordered import Place
from ml_connector.store.outgoing import OutgoingSort
from ml_connector.store.payments import PaymentSort
from ml_connector.store.vendor_pairs import VendorSort
from ml_connector.work import listing
from ml_connector.work.accruals.shown import accrual_list
from ml_connector.work.attachments.shown import file_list
from ml_connector.work.desk import Desk
from ml_connector.work.document_lists import document_list
from ml_connector.work.drift.views import case_list
from ml_connector.work.feeds.contract_views import contract_list
from ml_connector.work.feeds.contracts import CONTRACTS
from ml_connector.work.feeds.network_views import network_list
from ml_connector.work.feeds.orders import FEED as ORDERS
from ml_connector.work.feeds.shown import order_link_list, order_list
from ml_connector.work.listing import Listing
from ml_connector.work.payments.shown import payment_list
from ml_connector.work.sending.shown import record_list
from ml_connector.work.vendors.views import review_list, vendor_list
from world import World, build_world

pytestmark = pytest.mark.both_databases

EARLY, LATE = datetime(2026, 11, 2, tzinfo=UTC), datetime(2026, 11, 30, tzinfo=UTC)
MANY = 160
"""Enough for three portions: the first of 25, the second of 100."""
NEW = 900


class Kind(NamedTuple):
    """A sort of list: where its rows are, what tells them apart, and which columns they are put in order by."""

    table: Table
    key: str
    read: Callable[[Desk, Any], Listing[Any, Any]]
    named: Callable[[Any], str]
    orders: Sequence[Any] = ("",)
    still: Collection[Any] = ()
    """Orders in which nothing changes its place."""
    moved: Mapping[str, tuple[Any, Any]] = {}
    """Values that bring a row to either end."""
    own: Mapping[str, Any] = {}
    """What each row says besides its key."""

    @property
    def mine(self) -> ColumnElement[bool]:
        fixed = [self.table.c[name] == value for name, value in self.own.items() if name in {"feed", "resource"}]
        return and_(self.table.c.connection_id != "", *fixed)


DAY = (EARLY - timedelta(days=9), LATE)
KINDS: Mapping[str, Kind] = {
    "vendors": Kind(
        s.vendor_pairs, "code", lambda desk, sort: vendor_list(desk, order=sort), lambda one: one.code,
        orders=list(VendorSort), still=[VendorSort.CODE], own={"state": "linked"},
        moved={"name": ("A", "z"), "updated_at": DAY, "state": ("create", "review")},
    ),
    "reviews": Kind(
        s.vendor_pairs, "code", lambda desk, _: review_list(desk), lambda one: one.code, own={"state": "review"},
        moved={"name": ("A", "z")},
    ),
    "payments": Kind(
        s.payment_documents, "invoice_id", lambda desk, sort: payment_list(desk, order=sort), lambda one: one.invoice_id,
        orders=list(PaymentSort), still=[PaymentSort.INVOICE], own={"state": "told"},
        moved={"updated_at": DAY, "paid_on": ("2020-01-01", "2027-01-01"), "paid_rank": (-5, 10**12)},
    ),
    "orders": Kind(
        s.copies, "external_id", lambda desk, sort: order_list(desk, order=sort), lambda one: one.external_code,
        orders=list(CopySort), still=[CopySort.CODE], own={"feed": ORDERS},
        moved={"number": ("", "z"), "worth_rank": (-5, 10**12)},
    ),
    "contracts": Kind(
        s.copies, "external_id", lambda desk, _: contract_list(desk), lambda one: one.contract.external_code,
        own={"feed": CONTRACTS},
    ),
    "order links": Kind(
        s.order_links, "invoice_id", lambda desk, _: order_link_list(desk), lambda one: one.invoice_id,
        own={"state": "linked"}, moved={"updated_at": DAY},
    ),
    "drift": Kind(
        s.drift_cases, "invoice_id", lambda desk, _: case_list(desk, None), lambda one: one.invoice_id,
        own={"kind": "invoice", "state": "accepted"}, moved={"noticed_at": DAY},
    ),
    "network": Kind(
        s.network_documents, "bum_id", lambda desk, _: network_list(desk), lambda one: one.bum_id,
        moved={"received_at": DAY},
    ),
    "accruals": Kind(
        s.accruals, "invoice_id", lambda desk, _: accrual_list(desk), lambda one: one.invoice_id,
        moved={"noted_at": DAY},
    ),
    "files": Kind(
        s.attachments, "invoice_id", lambda desk, _: file_list(desk), lambda one: one.invoice_id,
        moved={"noted_at": DAY},
    ),
    "documents": Kind(
        s.documents, "invoice_id", lambda desk, order: document_list(desk, DocumentFilter(), order),
        lambda one: one.line.invoice_id, orders=list(Order), own={"state": "confirmed"},
        moved={"total": (Decimal(-10**6), Decimal(10**6)), "invoice_date": ("2020-01-01", "2027-01-01")},
    ),
    "records": Kind(
        s.outgoing, "external_code", lambda desk, sort: record_list(desk, order=sort), lambda one: one.external_code,
        orders=list(OutgoingSort), still=[OutgoingSort.CODE], own={"resource": "accounts"},
        moved={"name": ("A", "z"), "rank": (-5, 5)},
    ),
}  # fmt: skip


VALUES: Mapping[type[Any], Any] = {
    Instant: EARLY,
    Json: (),
    Boolean: False,
    Integer: 0,
    BigInteger: 0,
    Money: Decimal(0),
}


def value_of(column: Any) -> Any:
    """Something a column can hold."""
    if isinstance(column.type, Choice):
        return next(iter(column.type.words))
    return None if column.nullable else VALUES.get(type(column.type), "")


def row(table: Table, **own: Any) -> dict[str, Any]:
    columns = [one for one in table.columns if not (one.autoincrement is True and one.primary_key)]
    return {one.name: value_of(one) for one in columns} | own


class Office:
    """A list that somebody reads while others work on it."""

    def __init__(self, world: World, kind: Kind) -> None:
        self.world, self.kind, self.desk = world, kind, world.desk()
        self.here = set[str]()
        self.always = set[str]()
        """What has been there since the reading began."""
        self._arrivals = 0
        self._documents = set[str]()

    def begin(self, number: int) -> None:
        """Rows many of which stand together: of three each has the same name, day and amount."""
        with self.world.database.write() as tx:
            tx.execute(delete(self.kind.table).where(self.kind.mine))
            for one in range(number):
                self._add(tx, f"K-{one:03}", one // 3)
        self.here = {f"K-{one:03}" for one in range(number)}
        self.always = set(self.here)

    def _add(self, tx: Tx, key: str, place: int) -> None:
        table, own = self.kind.table, dict(self.kind.own)
        ordered = {
            "name": f"n{place:03}", "updated_at": EARLY + timedelta(minutes=place), "paid_rank": place,
            "paid_on": f"2026-11-{place % 28 + 1:02}", "number": f"n{place:03}", "worth_rank": place,
            "noticed_at": EARLY + timedelta(minutes=place), "noted_at": EARLY + timedelta(minutes=place),
            "received_at": EARLY + timedelta(minutes=place), "total": Decimal(place),
            "invoice_date": f"2026-11-{place % 28 + 1:02}",
        }  # fmt: skip
        own |= {name: value for name, value in ordered.items() if name in self.kind.moved}
        common = {"connection_id": self.world.connection_id}
        if table in {s.copies, s.payment_documents, s.network_documents, s.accruals, s.documents}:
            own["inbox_id"] = self._arrival(tx, key)
        if table is s.documents:
            own["seq"] = own["inbox_id"]
        if table is s.payment_documents:
            inbox_id = own.pop("inbox_id")
            document = row(s.documents, **common, invoice_id=key, inbox_id=inbox_id, seq=inbox_id, state="confirmed")
            if key not in self._documents:
                tx.execute(s.documents.insert(), [document])
                self._documents.add(key)
        tx.execute(table.insert(), [row(table, **common, **{self.kind.key: key}, **own)])

    def _arrival(self, tx: Tx, key: str) -> int:
        self._arrivals += 1
        fields = {"external_id": key, "payload": "{}", "content_hash": str(self._arrivals), "feed": "test"}
        new = s.inbox.insert().values(row(s.inbox, connection_id=self.world.connection_id, **fields))
        return int(tx.execute(new.returning(s.inbox.c.id)).scalar_one())

    def remove(self, key: str) -> None:
        with self.world.database.write() as tx:
            tx.execute(delete(self.kind.table).where(self.kind.mine, self.kind.table.c[self.kind.key] == key))
        self.here.discard(key)
        self.always.discard(key)

    def add(self, key: str, place: int) -> None:
        with self.world.database.write() as tx:
            self._add(tx, key, place)
        self.here.add(key)

    def move(self, key: str, end: int) -> None:
        """Bring a row to the beginning or the end of each order that can change."""
        with self.world.database.write() as tx:
            values = {name: ends[end] for name, ends in self.kind.moved.items()}
            if self.kind.table is s.copies:
                values["inbox_id"] = self._arrival(tx, key)
            own = self.kind.mine, self.kind.table.c[self.kind.key] == key
            tx.execute(update(self.kind.table).where(*own).values(**values))

    def disturb(self, had: Sequence[str], step: int, *, moving: bool = True) -> None:
        """Take away, bring and change something of what was had already and of what is still to come."""
        left = sorted(self.always - set(had))
        self.remove(had[step])
        self.remove(left[len(left) // 2])
        self.add(f"K-{NEW + 2 * step}", 0)
        self.add(f"K-{NEW + 2 * step + 1}", 50)
        for end, keys in enumerate(((had[-2], left[0]), (had[-1], left[-1]))) if moving else ():
            for key in keys:
                self.move(key, end)

    def read(self, sort: Any) -> Listing[Any, Any]:
        return self.kind.read(self.desk, sort)

    def judge(self, had: Sequence[str], sort: Any) -> None:
        """Nothing missing and nothing doubled."""
        assert len(had) == len(set(had)), f"{sort!r}: some came twice"
        assert self.always <= set(had), f"{sort!r}: missing are {sorted(self.always - set(had))}"


FOR_PROGRAMS = [name for name in KINDS if name != "documents"]
"""Documents have no such orders there: programs read them by their arrival."""


@pytest.fixture(params=KINDS)
def office(database: Database, request: pytest.FixtureRequest) -> Iterator[Office]:
    made = Office(build_world(database, company="empty"), KINDS[request.param])
    yield made
    made.desk.close()


def test_the_whole_of_a_list_has_what_was_there_all_the_time_once_whatever_happens_meanwhile(office: Office) -> None:
    for sort in office.kind.orders:
        office.begin(MANY)
        whole = [office.kind.named(one) for one in office.read(sort).page(0, MANY)]
        assert sorted(whole) == sorted(office.here)
        assert [office.kind.named(one) for one in office.read(sort).everything()] == whole, sort

        lines, had = office.read(sort).everything(), list[str]()
        for step, number in enumerate((25, 100)):
            had += [office.kind.named(one) for one in islice(lines, number)]
            office.disturb(had, step)
        had += map(office.kind.named, lines)
        office.judge(had, sort)


@pytest.mark.parametrize("office", FOR_PROGRAMS, indirect=True)
def test_pages_for_programs_go_on_behind_the_last_one_whatever_comes_and_goes(office: Office) -> None:
    for sort in office.kind.orders:
        office.begin(30)
        whole = [office.kind.named(one) for one in office.read(sort).page(0, 30)]
        had, place = list[str](), list[Place]()
        while not place or place[-1]:
            lines, end = office.read(sort).behind(place[-1] if place else (), 8)
            had += map(office.kind.named, lines)
            place.append(end)
            if len(place) == 2:
                office.disturb(had, 0, moving=sort in office.kind.still)
        office.judge(had, sort)
        assert [one for one in had if one in whole] == [one for one in whole if one in had]


@pytest.mark.parametrize("office", FOR_PROGRAMS, indirect=True)
def test_a_place_of_another_order_or_none_at_all_is_refused(office: Office) -> None:
    office.begin(5)
    for sort in office.kind.orders:
        _, place = office.read(sort).behind((), 2)
        strange: list[Place] = [place[:-1] or ("a", "b"), (*place, "x"), [[] for _ in place], [2**80 for _ in place]]
        strange += [["x" * 400 for _ in place], [None for _ in place]] if sort in office.kind.still else []
        for one in strange:
            with pytest.raises(PlaceError):
                office.read(sort).behind(one, 2)


STEPS = st.lists(st.tuples(st.sampled_from(("remove", "add", "up", "down")), st.integers(0, 999)), max_size=4)


@pytest.mark.parametrize("office", ["vendors"], indirect=True)
@settings(max_examples=30, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    sort=st.sampled_from(list(VendorSort)), number=st.integers(0, 14), size=st.integers(1, 4),
    work=st.lists(STEPS, max_size=6),
)  # fmt: skip
def test_whatever_is_done_between_two_portions_nothing_is_missing_and_nothing_comes_twice(
    office: Office, sort: VendorSort, number: int, size: int, work: list[Any]
) -> None:
    office.begin(number)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(listing, "FIRST", size)
        patched.setattr(listing, "portions", lambda: repeat(size))
        lines, had = office.read(sort).everything(), list[str]()
        for steps in work:
            had += [office.kind.named(one) for one in islice(lines, size)]
            apply(office, steps)
        had += map(office.kind.named, lines)
    office.judge(had, sort)

    office.begin(number)
    had, place, first = list[str](), (), True
    steady = iter(work)
    while place or first:
        found, place = office.read(VendorSort.CODE).behind(place, size)
        had, first = had + [office.kind.named(one) for one in found], False
        apply(office, next(steady, []))
    office.judge(had, "code")


def apply(office: Office, steps: Sequence[tuple[str, int]]) -> None:
    """Do some work on the rows that are there."""
    for what, chosen in steps:
        here = sorted(office.here)
        if what == "add":
            key = f"K-{chosen:03}+"
            if key not in office.here:
                office.add(key, chosen % 7)
        elif here and what == "remove":
            office.remove(here[chosen % len(here)])
        elif here:
            office.move(here[chosen % len(here)], int(what == "down"))
