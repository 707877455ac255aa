"""The registry of connections."""

from concurrent.futures import ThreadPoolExecutor, wait
from datetime import datetime, timedelta

import pytest

from ml_connector.store import connections
from ml_connector.store.database import Database
from ml_connector.store.errors import ConnectionExistsError, ConnectionUnknownError
from ml_connector.store.schema import ConnectionState


def test_a_connection_is_found_by_name_and_by_id(database: Database, north: str, south: str) -> None:
    with database.read() as tx:
        assert connections.get(tx, "North") == connections.get(tx, north)
        assert [row.name for row in connections.list_all(tx)] == ["North", "South"]


def test_an_unknown_name_is_answered_with_the_names_there_are(database: Database, north: str, south: str) -> None:
    with database.read() as tx, pytest.raises(ConnectionUnknownError, match=r"'East' \(connections: North, South\)"):
        connections.get(tx, "East")


def test_a_name_is_given_once(database: Database, north: str, now: datetime) -> None:
    with database.write() as tx, pytest.raises(ConnectionExistsError, match="'North' is taken"):
        connections.add(tx, connection_id="c-2", name="North", settings="{}", now=now)


def test_two_companies_are_joined_once(database: Database, north: str, south: str, now: datetime) -> None:
    """Two connections between the same companies would post every invoice twice."""
    with database.write() as tx:
        connections.set_companies(tx, north, realm_hash="h1", company_code="100", now=now)
        connections.set_companies(tx, north, realm_hash="h1", company_code="100", now=now)
        connections.set_companies(tx, south, realm_hash="h1", company_code="200", now=now)
        with pytest.raises(ConnectionExistsError, match="'North' already joins"):
            connections.set_companies(tx, south, realm_hash="h1", company_code="100", now=now)
        with pytest.raises(ConnectionExistsError, match="'North' already joins"):
            connections.add(
                tx, connection_id="c", name="East", settings="", realm_hash="h1", company_code="100", now=now
            )


def test_of_two_connections_that_claim_the_same_companies_at_once_the_later_is_refused_in_words(
    database: Database, north: str, south: str, now: datetime
) -> None:
    def claim() -> None:
        with database.write() as tx:
            connections.set_companies(tx, south, realm_hash="h1", company_code="100", now=now)

    with ThreadPoolExecutor(1) as pool:
        with database.write() as tx:
            connections.set_companies(tx, north, realm_hash="h1", company_code="100", now=now)
            later = pool.submit(claim)
            # However slow the machine: waiting too shortly can only hide a fault, never report one that is not there.
            wait([later], timeout=0.5)
        with pytest.raises(ConnectionExistsError, match="'North' already joins"):
            later.result(timeout=60)


def test_settings_and_state_change_and_say_when(database: Database, north: str, south: str, now: datetime) -> None:
    later = now + timedelta(days=1)
    with database.write() as tx:
        connections.update_settings(tx, north, '{"a":1}', now)
        connections.set_state(tx, north, ConnectionState.SIGN_IN_NEEDED, "the refresh token expired", later)
        changed, other = connections.get(tx, north), connections.get(tx, south)
    assert (changed.settings, changed.state, changed.updated_at) == ('{"a":1}', ConnectionState.SIGN_IN_NEEDED, later)
    assert changed.state_reason == "the refresh token expired"
    assert (other.settings, other.state) == ("{}", ConnectionState.ACTIVE)


def test_a_connection_that_is_gone_cannot_be_changed(database: Database, now: datetime) -> None:
    with database.write() as tx, pytest.raises(ConnectionUnknownError):
        connections.update_settings(tx, "c-gone", "{}", now)


def test_a_basware_company_is_joined_to_a_quickbooks_company_by_one_connection_only_however_many_codes_it_has(
    database: Database, now: datetime
) -> None:
    with database.write() as tx:
        connections.add(
            tx, connection_id="a", name="all", settings="{}", now=now, realm_hash="r", company_code="US10,US20"
        )
        connections.add(
            tx, connection_id="b", name="other", settings="{}", now=now, realm_hash="r", company_code="US30"
        )
        with pytest.raises(
            ConnectionExistsError, match="'all' already joins this QuickBooks company and Basware company 'US20'"
        ):
            connections.add(
                tx, connection_id="c", name="half", settings="{}", now=now, realm_hash="r", company_code="US20,US40"
            )
