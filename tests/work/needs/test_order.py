"""The order of causes: the oldest day first, of one day the largest amount; read in parts and yet as if all had been counted."""

from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ml_connector.model.holds import Cause, Hold
from ml_connector.model.money import ZERO
from ml_connector.store import documents, held
from ml_connector.store.database import Database
from ml_connector.store.held_sources import HeldIn
from ml_connector.store.schema import DocumentState, VendorState
from ml_connector.store.vendor_pairs import VendorPair, put_many
from ml_connector.work.engine import Step
from ml_connector.work.needs.cards import Heap, find, heaps, heaps_page, in_order
from paperwork import invoice, line
from world import World, build_world

ZONES = ("America/Los_Angeles", "America/Havana", "Africa/Cairo", "Asia/Kathmandu", "Pacific/Apia", "Europe/Helsinki")
"""Among them some whose clocks change at midnight, and one that left out a whole day."""
MOMENTS = st.none() | st.datetimes(datetime(2011, 1, 1), datetime(2027, 1, 1)).map(lambda at: at.replace(tzinfo=UTC))  # noqa: DTZ001


@given(
    st.lists(st.tuples(MOMENTS, st.decimals(0, 5, places=0)), max_size=60).map(
        lambda some: [(since, amount, f"{number:02}") for number, (since, amount) in enumerate(some)]
    ),
    st.lists(st.dates(date(2011, 1, 1), date(2027, 1, 1)), max_size=9),
    st.sampled_from(ZONES).map(ZoneInfo),
)
def test_days_are_those_of_the_company(
    found: list[tuple[datetime | None, Decimal, str]], days: list[date], zone: ZoneInfo
) -> None:
    """Among the moments are those at which a day begins, and the last before."""
    begins = [datetime.combine(day, time.min, zone).astimezone(UTC) for day in days]
    found += [(at, ZERO, f"begins {at}") for at in begins]
    found += [(at - timedelta.resolution, ZERO, f"ended {at}") for at in begins]

    def rank(one: tuple[datetime | None, Decimal, str]) -> tuple[date, Decimal, str]:
        since, amount, card = one
        return since.astimezone(zone).date() if since else date.max, -amount, card

    assert in_order(found, zone) == [card for *_, card in sorted(found, key=rank)]


@pytest.fixture
def world(database: Database) -> World:
    return build_world(database, company="empty")


def hold(world: World, number: str, *holds: Hold) -> None:
    """A document that is held by this, since now."""
    row, now = world.row(number), world.clock.now()
    with world.database.write() as tx:
        assert documents.set_state(
            tx, world.connection_id, row.invoice_id, DocumentState.HELD, now, holds=holds, held_since=now, plan="{}"
        )


AMOUNTS = {4: -50, 7: -80}
"""Credit notes, larger than what else waits since their day."""


def test_what_is_read_in_parts_is_what_was_counted_and_in_the_same_order(world: World) -> None:
    """Causes of documents only, causes of vendors only, and one that holds both, in two currencies, with credit notes."""
    shared = Hold(cause=Cause.VENDOR_INACTIVE, subject="Redfern Couriers")
    for number in range(12):
        currency = {"currencyCode": "EUR" if number % 3 else "USD"}
        world.approve(invoice(f"A-{number}", line(f"{AMOUNTS.get(number, number + 1)}.00"), changes=currency))
    world.run([Step.INTAKE])
    for number in range(12):
        own = Hold(cause=Cause.ACCOUNT_NOT_MAPPED, subject=f"64{number % 5}")
        hold(world, f"A-{number}", own, *([shared] if number in {3, 4} else []))
        world.clock.advance(6 * 3600)
    pairs = [
        VendorPair(code=code, name=code, state=VendorState.REVIEW, holds=holds)
        for code, holds in (("V-1", (shared,)), ("V-2", (Hold(cause=Cause.VENDOR_UNSURE, subject="V-2"),)))
    ]
    with world.database.write() as tx:
        put_many(tx, world.connection_id, pairs, world.clock.now())

    with world.database.read() as tx:
        assert len(held.ranks(tx, world.connection_id)) == 6
        assert held.ranks(tx, "another company's connection") == {}

    desk = world.desk()
    whole = list(heaps(desk))
    parts = [one for start in range(0, len(whole), 2) for one in heaps_page(desk, start, 2)[0]]
    zone = ZoneInfo(desk.settings.schedule.time_zone)

    def rank(one: Heap) -> tuple[date, Decimal, str]:
        largest = max(map(abs, one.money.values()), default=ZERO)
        return one.since.astimezone(zone).date() if one.since else date.max, -largest, one.card

    assert parts == whole == sorted(whole, key=rank)
    assert len({one.card for one in whole}) == len(whole) == 7
    assert [find(desk, one.card) for one in whole] == whole
    both = next(one for one in whole if one.cause == shared.cause)
    assert both.numbers == {HeldIn.DOCUMENTS: 2, HeldIn.VENDORS: 1}
    assert both.money == {"USD": Decimal("4.00"), "EUR": Decimal("-50.00")}
