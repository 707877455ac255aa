"""Several processes at one connection, and several connections in one database: one works, the others keep out of its way."""

from collections.abc import Callable, Iterator

import httpx2
import msgspec
import pytest

from ml_connector.model.holds import Cause
from ml_connector.model.mapping import Dimension
from ml_connector.store.database import Database
from ml_connector.work.tenure import LONG, ConnectionBusyError
from paperwork import invoice, line
from twins.demo_company import basware_seed, quickbooks_seed
from world import build_world


@pytest.fixture(params=["on sqlite", "on postgresql"])
def database(request: pytest.FixtureRequest) -> Iterator[Database]:
    databases = request.getfixturevalue("fast_files" if "sqlite" in request.param else "postgres")
    with databases.fresh() as url:
        opened = Database.open(url)
        yield opened
        opened.close()


class Interrupted(httpx2.BaseTransport):
    """The network of a slow worker: just before its first write to QuickBooks arrives, something else happens."""

    def __init__(self, beyond: httpx2.BaseTransport, happens: Callable[[], None]) -> None:
        self._beyond = beyond
        self._happens: Callable[[], None] | None = happens

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        if self._happens is not None and b'"operation"' in request.read():
            happens, self._happens = self._happens, None
            happens()
        return self._beyond.handle_request(request)


def test_a_second_worker_is_told_that_the_connection_is_busy(database: Database) -> None:
    world = build_world(database, company="empty")
    first = world.desk()
    first.take_lease()

    with pytest.raises(ConnectionBusyError, match="demo"):
        world.restart("second").run()

    first.release_lease()
    world.run()


def test_the_lease_of_a_dead_worker_is_taken_over_once_it_has_run_out(database: Database) -> None:
    world = build_world(database, company="empty", worker="dead one")
    world.approve(invoice("A-1"))
    world.desk().take_lease()
    world.restart("living one")
    with pytest.raises(ConnectionBusyError):
        world.run()

    world.clock.advance(LONG + 1)
    world.settle()

    world.only_transaction("A-1")


def test_a_slow_worker_that_lost_its_lease_stops_and_nothing_is_posted_twice(database: Database) -> None:
    world = build_world(database, company="empty")
    numbers = [f"A-{number}" for number in range(3)]
    for number in numbers:
        world.approve(invoice(number))

    def somebody_else_takes_over() -> None:
        world.clock.advance(LONG + 1)
        world.restart("fast one", transport=world.transport).settle()

    world.restart("slow one", transport=Interrupted(world.transport, somebody_else_takes_over))
    with pytest.raises(ConnectionBusyError):
        world.run()

    for number in numbers:
        world.only_transaction(number)
        assert [answer["success"] for answer in world.answers(number)] == [True]
    assert world.check() == []


OTHER_SIGN_IN = basware_seed() | {
    "client_id": "another-client", "bwcid": "another-customer", "accountingDocuments": [], "attachments": {},
}  # fmt: skip
"""A company of the same code at Basware, which another customer signs in to."""


def test_two_connections_in_one_database_do_not_see_each_other(database: Database) -> None:
    first = build_world(database, company="empty", name="first")
    other_company = quickbooks_seed() | {"realm_id": "9341453900126999"}
    second = build_world(
        database,
        company=(other_company, OTHER_SIGN_IN),
        name="second",
    )
    first.approve(invoice("A-1", line("10.00", account="6470")))
    second.approve(invoice("A-1", line("20.00", account="6470")))
    first.approve(invoice("A-2"))
    first.settle()
    second.settle()
    with pytest.raises(KeyError):
        second.row("A-2")

    first.map(Dimension.ACCOUNT, "6470", "6420")
    first.settle()
    second.settle()

    assert first.only_transaction("A-1")[1]["TotalAmt"] == 10
    assert second.posted("A-1") == []
    assert second.causes("A-1") == [Cause.ACCOUNT_NOT_MAPPED]
    assert [first.check(), second.check()] == [[], []]


def test_one_connections_lease_is_no_hindrance_to_another(database: Database) -> None:
    first = build_world(database, company="empty", name="first")
    other_company = quickbooks_seed() | {"realm_id": "9341453900126999"}
    second = build_world(
        database,
        company=(other_company, OTHER_SIGN_IN),
        name="second",
    )
    first.desk().take_lease()
    second.approve(invoice("A-1"))

    second.settle()

    second.only_transaction("A-1")


def test_a_saved_connection_keeps_its_mapping_and_history(database: Database) -> None:
    world = build_world(database, company="empty")
    world.approve(invoice("A-1"))
    world.settle()

    world.change_settings(
        lambda known: msgspec.structs.replace(known, basware=msgspec.structs.replace(known.basware, page_size=7))
    )
    world.approve(invoice("A-2"))
    world.settle()

    world.only_transaction("A-1")
    world.only_transaction("A-2")
    assert world.desk().settings.basware.page_size == 7
