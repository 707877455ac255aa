"""The showcase of `ml-connector demo --console`: all that can keep a document or a record waiting is there, by real syncs."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from ml_connector.app import App
from ml_connector.model.holds import Cause, Hold
from ml_connector.rules.causes import describe
from ml_connector.store import accruals, documents, outgoing, payments, taken_orders, vendor_pairs
from ml_connector.store.connections import ConnectionRow
from ml_connector.store.database import Database, Tx
from ml_connector.store.schema import AccrualState, DocumentState, PaymentState
from ml_connector.work.feeds.contract_views import contract_list
from ml_connector.work.feeds.network_views import network_list
from ml_connector.work.feeds.shown import order_list
from ml_connector.work.review import waiting
from showcase_world import performed
from twins.keep import Story

GIVEN_BACK: Mapping[Cause, str] = {
    Cause.REJECTED: "a document that somebody rejects goes back to Basware at once: it is shown as returned, with this cause",
}
"""Causes that no document waits for, each with the reason; they are shown on documents that were given back."""

Played = tuple[App, list[ConnectionRow], Story]


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Played]:
    """The whole story, told once for all tests of this module."""
    home: Path = tmp_path_factory.mktemp("showcase")
    database = Database.open(f"sqlite:///{home / 'showcase.db'}")
    database.migrate()
    with performed(database, home) as made:
        yield made
    database.close()


@pytest.fixture(scope="module")
def waits(played: Played) -> Mapping[Cause, list[str]]:
    """What waits for each cause, by connection and name."""
    app, rows, _ = played
    found: dict[Cause, list[str]] = defaultdict(list)
    with app.database.read() as tx:
        for row in rows:
            for name, holds in _held(tx, row.id):
                for hold in holds:
                    assert "(unknown " not in describe(hold).sentence + describe(hold).what_to_do
                    found[hold.cause].append(f"{row.name}: {name}")
    return found


def _held(tx: Tx, connection: str) -> Iterator[tuple[str, tuple[Hold, ...]]]:
    for one in documents.in_state(tx, connection, {DocumentState.HELD}):
        yield one.invoice_number, one.holds
    for accrual in accruals.in_state(tx, connection, {AccrualState.HELD}):
        yield accrual.invoice_number, accrual.holds
    for record in outgoing.listing(tx, connection, limit=100_000):
        yield record.name, record.holds
    for code, pair in vendor_pairs.every(tx, connection).items():
        yield code, pair.holds
    for paid in payments.these(tx, connection, payments.ordered(connection).read(tx)):
        yield paid.invoice_id, paid.holds
    for order in taken_orders.known(tx, connection, ["PO-9001", "PO-9002"]).values():
        yield order.external_code, order.holds


@pytest.mark.parametrize("cause", [one for one in Cause if one not in GIVEN_BACK], ids=str)
def test_something_waits_for_each_cause(waits: Mapping[Cause, list[str]], cause: Cause) -> None:
    assert waits[cause], f"nothing waits for {cause}: give it a place in the showcase, or a reason in GIVEN_BACK"


@pytest.mark.parametrize("cause", list(GIVEN_BACK), ids=str)
def test_what_nothing_waits_for_is_shown_where_it_was_given_back(
    played: Played, waits: Mapping[Cause, list[str]], cause: Cause
) -> None:
    app, rows, _ = played
    with app.database.read() as tx:
        back = [one for row in rows for one in documents.in_state(tx, row.id, {DocumentState.RETURNED})]
    assert not waits.get(cause), "it does wait: take it out of GIVEN_BACK"
    assert any(hold.cause is cause for one in back for hold in one.holds)


def test_most_causes_have_something_that_waits_for_nothing_else(played: Played) -> None:
    app, rows, _ = played
    with app.database.read() as tx:
        alone = {
            holds[0].cause for row in rows for _, holds in _held(tx, row.id) if len({hold.cause for hold in holds}) == 1
        }
    assert len(alone) > 0.8 * (len(Cause) - len(GIVEN_BACK))


def test_the_books_of_all_companies_are_sound_afterwards(played: Played) -> None:
    _, _, story = played
    assert [
        problem for one in story.quickbooks.panel.companies() for problem in story.quickbooks.panel.check(one)
    ] == []
    assert [problem for one in story.basware.panel.companies() for problem in story.basware.panel.check(one)] == []


def test_documents_were_posted_on_most_working_days_of_four_weeks(played: Played) -> None:
    _, _, story = played
    realm = story.quickbooks.panel.companies()[0]
    days = {
        record["MetaData"]["CreateTime"][:10]
        for record in story.quickbooks.panel.books(realm)["Bill"]
        if "[bw:" in record.get("PrivateNote", "")
    }
    assert len(days) >= 18


def test_orders_a_contract_and_invoices_on_their_way_are_known(played: Played) -> None:
    app, rows, _ = played
    desk = app.desk(app.connection(rows[0].id))
    try:
        assert {line.number for line in order_list(desk).page()} >= {"PO-7801", "PO-7802"}
        assert [(one.contract.number, len(one.spends)) for one in contract_list(desk).page()] == [("C-31", 1)]
        assert {line.number for line in network_list(desk).page()} == {"NW-4401", "NW-4402"}
    finally:
        desk.close()


def test_basware_was_told_of_payments(played: Played) -> None:
    app, rows, _ = played
    with app.database.read() as tx:
        assert payments.counts(tx, rows[0].id)[PaymentState.TOLD] == 2


def test_one_sign_in_is_over_and_invoices_of_one_company_wait_for_a_release(played: Played) -> None:
    app, rows, _ = played
    with app.database.read() as tx:
        [late] = documents.in_state(tx, rows[3].id, {DocumentState.RECEIVED})
    assert late.invoice_number == "OM-9102"
    desk = app.desk(app.connection(rows[1].id))
    assert len(waiting(desk)) == 3
    desk.close()
