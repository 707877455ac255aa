"""Values come back from both databases exactly as they went in, or are refused on the way."""

from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import bindparam, select

from ml_connector.model.holds import Cause, Hold
from ml_connector.model.postings import Decision, DuplicateChoice
from ml_connector.store import document_lists, document_rounds, documents, inbox, leases, links
from ml_connector.store.columns import KEY_LIMIT, Choice, Instant, Key, Money, Words, from_json, to_json
from ml_connector.store.database import Database, Tx
from ml_connector.store.errors import KeyTooLongError, ValueRefusedError
from ml_connector.store.links import LinkRow
from ml_connector.store.schema import DocumentState

Arrive = Callable[..., document_rounds.Arrival]
AMOUNTS = st.decimals(allow_nan=False, allow_infinity=False, places=4, min_value=-(10**24), max_value=10**24)


@pytest.mark.parametrize(
    "amount", ["99999999999999999999.99", "-0.01", "0.10", "1E+3", "123456789012345678901234567890.123456789"]
)
def test_an_amount_is_kept_to_the_last_digit(database: Database, north: str, now: datetime, amount: str) -> None:
    link = LinkRow(kind="invoice", basware_id="1", quickbooks_type="Bill", quickbooks_id="9", amount=Decimal(amount))
    with database.write() as tx:
        links.put(tx, north, link, now)
        (stored,) = links.for_record(tx, north, "invoice", "1")
    assert stored.amount == Decimal(amount)
    assert stored.amount is not None
    assert format(stored.amount, "f") == format(Decimal(amount), "f")


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(amounts=st.lists(AMOUNTS, min_size=1, max_size=8))
def test_sums_are_exact_on_both_databases(
    database: Database, north: str, arrive: Arrive, amounts: list[Decimal]
) -> None:
    """The totals of a state add up to the last digit, however long they are."""
    with database.write() as tx:
        example = tx.begin_nested()
        for number, amount in enumerate(amounts):
            arrive(tx, north, str(number), total=str(amount))
        number, totals = document_lists.counts(tx, north)[DocumentState.RECEIVED]
        example.rollback()
    assert number == len(amounts)
    assert {currency: Fraction(total) for currency, total in totals.items()} == {"USD": sum(map(Fraction, amounts))}


def test_counts_go_by_state_and_currency(
    database: Database, north: str, south: str, arrive: Arrive, now: datetime
) -> None:
    with database.write() as tx:
        assert document_lists.counts(tx, north) == {}
        arrive(tx, north, "1", total="99999999999999999999.99")
        arrive(tx, north, "2", total="0.02")
        arrive(tx, north, "3", total="-5.00", currency="EUR")
        arrive(tx, north, "4", total=None)
        arrive(tx, south, "1", total="7.00")
        documents.set_state(tx, north, "2", DocumentState.POSTED, now)
        arrive(tx, north, "5", total="0.02")
        assert document_lists.counts(tx, north) == {
            DocumentState.RECEIVED: (4, {"USD": Decimal("100000000000000000000.01"), "EUR": Decimal("-5.00")}),
            DocumentState.POSTED: (1, {"USD": Decimal("0.02")}),
        }


def echo(tx: Tx, kind: object, value: object) -> object:
    """What a value becomes on its way into the database and back."""
    return tx.execute(select(bindparam("v", value, type_=kind))).scalar_one()  # type: ignore[arg-type]


@pytest.mark.parametrize("value", [10.5, 10, "10.50", Decimal("NaN"), Decimal("Infinity")])
def test_an_amount_that_is_no_exact_decimal_is_refused(database: Database, value: object) -> None:
    with database.read() as tx, pytest.raises(ValueRefusedError, match="finite Decimal"):
        echo(tx, Money(), value)


def test_a_time_without_a_zone_is_refused(database: Database) -> None:
    with database.read() as tx, pytest.raises(ValueRefusedError, match="time zone"):
        echo(tx, Instant(), datetime(2026, 11, 2))  # noqa: DTZ001 - the point of the test


def test_a_state_that_does_not_exist_is_refused(database: Database) -> None:
    with database.read() as tx, pytest.raises(ValueRefusedError, match="'lost' is none of: received, held"):
        echo(tx, Choice(DocumentState), "lost")


def test_a_moment_comes_back_in_utc_to_the_microsecond(database: Database, north: str) -> None:
    in_tokyo = datetime(2026, 3, 1, 0, 0, 0, 1, tzinfo=timezone(timedelta(hours=9)))
    with database.write() as tx:
        row_id, _ = inbox.store(
            tx, north, feed="f", external_id="1", content_hash="h", last_updated="u", payload="{}", received_at=in_tokyo
        )
        stored = inbox.get(tx, north, row_id)
    assert stored is not None
    assert stored.received_at == in_tokyo
    assert stored.received_at.utcoffset() == timedelta(0)


def test_moments_compare_by_time_whatever_zone_they_were_given_in(
    database: Database, north: str, now: datetime
) -> None:
    until = (now + timedelta(hours=1)).astimezone(timezone(timedelta(hours=-8)))
    with database.write() as tx:
        assert leases.acquire(tx, north, "deliver", "one", until - timedelta(seconds=60), 60) == 1
        assert leases.acquire(tx, north, "deliver", "two", now, 60) is None
        assert leases.acquire(tx, north, "deliver", "two", now + timedelta(hours=1), 60) == 2


@pytest.mark.parametrize("text", ["Ærø ™ 社 🧾", "line\nbreak\ttab", "'; DROP TABLE documents; --", "%_\\", ""])
def test_any_text_comes_back_as_it_was(database: Database, text: str) -> None:
    with database.read() as tx:
        assert echo(tx, Words(), text) == text


def test_a_nul_character_becomes_visible_on_both_databases(database: Database, north: str, arrive: Arrive) -> None:
    with database.write() as tx:
        arrive(tx, north, "1", supplier="Ac\x00me")
        stored = documents.get(tx, north, "1")
    assert stored is not None
    assert stored.supplier_name == "Ac\ufffdme"


def test_an_identifier_beyond_any_vendors_is_refused_and_a_long_invoice_number_is_not(
    database: Database, north: str, arrive: Arrive
) -> None:
    with database.write() as tx:
        arrive(tx, north, "i" * KEY_LIMIT, number="".join(str(digit) for digit in range(5_000)))
        with pytest.raises(KeyTooLongError, match="301 characters"):
            arrive(tx, north, "j" * (KEY_LIMIT + 1))
        with pytest.raises(KeyTooLongError):
            echo(tx, Key(), "k" * 5_000)
    with database.read() as tx:
        assert len(documents.in_state(tx, north, "received")) == 1


def test_holds_and_decisions_come_back_as_they_were(
    database: Database, north: str, arrive: Arrive, now: datetime
) -> None:
    hold = Hold(cause=Cause.PERIOD_CLOSED, subject="2026-09", facts={"closed until": "2026-09-30"}, rows=(1, 2))
    decision = Decision(duplicate=DuplicateChoice.POST_ANYWAY, reason="two deliveries")
    with database.write() as tx:
        arrive(tx, north, "1")
        documents.set_state(tx, north, "1", DocumentState.HELD, now, holds=(hold,), held_since=now, decision=decision)
        stored = documents.get(tx, north, "1")
    assert stored is not None
    assert (stored.holds, stored.held_since, stored.decision) == ((hold,), now, decision)


def test_amounts_in_json_stay_exact() -> None:
    amounts = {"total": Decimal("99999999999999999999.99"), "tax": Decimal("0.10")}
    assert to_json(amounts) == '{"total":99999999999999999999.99,"tax":0.10}'
    assert from_json(to_json(amounts), dict[str, Decimal]) == amounts
