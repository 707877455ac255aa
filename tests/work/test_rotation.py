"""A change of the master key: everything moves, nothing is lost, and whoever works meanwhile goes on working."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from threading import Event, Thread

import pytest
from sqlalchemy import select, text

from ml_connector.store import connections, sealed, secrets
from ml_connector.store.database import Database
from ml_connector.store.errors import VaultError
from ml_connector.store.master_keys import FILE_VARIABLE, MasterKeys, generate_master_key
from ml_connector.store.rows import insert
from ml_connector.store.schema import DeliveryOutcome, System, deliveries, metadata
from ml_connector.store.vault import Secret, Vault
from ml_connector.work.budget import budget_key
from ml_connector.work.rotation import key_uses, rotate
from world import World, build_world

pytestmark = pytest.mark.both_databases

NOW = datetime(2026, 11, 2, 8, 30, tzinfo=UTC)
OLD, NEW = b"o" * 32, b"n" * 32
BEFORE, BOTH, AFTER = Vault(MasterKeys(OLD)), Vault(MasterKeys(NEW, (OLD,))), Vault(MasterKeys(NEW))
REALM = "9341453900126010"
PLAIN = {
    "content_hash", "app_hash", "ticket_hash", "state_hash", "session_hash", "browser_hash", "request_hash", "hash",
}  # fmt: skip
"""Columns of hashes that no key of ours goes into."""

SECRETS = {"quickbooks.realm_id": REALM, "quickbooks.tokens": "canary-tokens", "basware.webhook_token": "canary-key"}


def connect(database: Database, name: str, vault: Vault, company: str = "") -> str:
    """A connection with secrets, as it was before the change."""
    with database.write() as tx:
        row = connections.add(
            tx, connection_id=f"c-{name}", name=name, settings="{}", now=NOW, company_code=company or name,
            realm_hash=vault.fingerprints(REALM, purpose="realm")[0],
        )  # fmt: skip
        for field, value in SECRETS.items():
            secrets.put(tx, vault, row.id, field, value, NOW)
    return row.id


def deliver(database: Database, vault: Vault, digest: str, token_hashes: str = "") -> None:
    """A webhook that was stored, its body sealed."""
    envelope = vault.seal(f"body of {digest}", table="deliveries", connection_id="", field=digest)
    with database.write() as tx:
        tx.execute(
            insert(tx, deliveries).values(
                system=System.QUICKBOOKS, digest=digest, envelope=envelope, token_hashes=token_hashes, content_type="",
                format="", size=1,
                outcome=next(iter(DeliveryOutcome)), events=1, problem="", times=1, received_at=NOW, last_received_at=NOW,
            )
        )  # fmt: skip


def stored(database: Database, vault: Vault, connection_id: str) -> dict[str, Secret | None]:
    with database.read() as tx:
        return {field: secrets.get(tx, vault, connection_id, field) for field in secrets.fields(tx, connection_id)}


def test_everything_opens_with_the_new_key_alone_after_a_rotation(database: Database) -> None:
    north, south = connect(database, "north", BEFORE), connect(database, "south", BEFORE)
    for number in range(250):
        deliver(database, BEFORE, f"digest {number}")

    report = rotate(database, BOTH)

    assert (report.envelopes, report.company_hashes, report.remaining, report.unreadable) == (256, 2, 0, [])
    for connection_id in (north, south):
        assert stored(database, AFTER, connection_id) == {field: Secret(value) for field, value in SECRETS.items()}
    with database.read() as tx:
        rows = tx.execute(select(deliveries.c.digest, deliveries.c.envelope)).all()
        assert [row.id for row in connections.of_company(tx, AFTER.fingerprints(REALM, purpose="realm"))] == [
            north,
            south,
        ]
    for digest, envelope in rows:
        opened = AFTER.open(envelope, table="deliveries", connection_id="", field=digest)
        assert opened.reveal() == f"body of {digest}"
    assert [(use.key, use.envelopes) for use in key_uses(database, AFTER)] == [
        (AFTER.keys.current_id, {"secrets": 6, "deliveries": 250})
    ]


def test_a_second_rotation_finds_nothing_to_do(database: Database) -> None:
    connect(database, "north", BEFORE)
    rotate(database, BOTH)
    again = rotate(database, BOTH)

    assert (again.envelopes, again.company_hashes, again.remaining) == (0, 0, 0)


def test_the_version_of_a_secret_stays_so_that_who_renews_a_token_meanwhile_is_not_refused(database: Database) -> None:
    north = connect(database, "north", BEFORE)
    with database.read() as tx:
        before = secrets.get_version(tx, BEFORE, north, "quickbooks.tokens")
    rotate(database, BOTH)
    assert before is not None
    with database.write() as tx:
        assert secrets.put_if_version(tx, AFTER, north, "quickbooks.tokens", "renewed", before.version, NOW)


def test_a_token_written_between_reading_and_replacing_is_kept(database: Database) -> None:
    north = connect(database, "north", BEFORE)
    [kind] = [one for one in sealed.SEALED if one.name == "secrets"]
    with database.read() as tx:
        seen = sealed.not_under(tx, kind, AFTER.keys.current_id, (), 10)
    with database.write() as tx:
        secrets.put(tx, BEFORE, north, "quickbooks.tokens", "renewed", NOW)
    with database.write() as tx:
        replaced = [sealed.replace(tx, one, one.rewrapped(BOTH)) for one in seen]

    assert [done for done, one in zip(replaced, seen, strict=True) if one.field == "quickbooks.tokens"] == [False]
    assert stored(database, BOTH, north)["quickbooks.tokens"] == Secret("renewed")


@pytest.fixture
def key_file(tmp_path: Path) -> Iterator[Path]:
    path = tmp_path / "master.key"
    path.write_text(generate_master_key())
    return path


def test_another_process_renews_tokens_all_the_while_and_no_token_is_lost(database: Database, key_file: Path) -> None:
    """The writer is a process of its own as far as keys go: it was started before the change and is never told of it."""
    environment = {FILE_VARIABLE: str(key_file)}
    writer_vault, rotator = Vault(MasterKeys.from_environment(environment)), MasterKeys.from_environment(environment)
    north = connect(database, "north", writer_vault)
    written, refused, started, enough = ["canary-tokens"], [], Event(), Event()

    def renew() -> None:
        while not enough.is_set():
            with database.write() as tx:
                found = secrets.get_version(tx, writer_vault, north, "quickbooks.tokens")
                assert found is not None
                if found.secret.reveal() != written[-1]:
                    refused.append(found.secret.reveal())
                token = f"token {len(written)}"
                assert secrets.put_if_version(tx, writer_vault, north, "quickbooks.tokens", token, found.version, NOW)
            written.append(token)
            started.set()

    writer = Thread(target=renew)
    writer.start()
    try:
        assert started.wait(30)
        for _ in range(5):
            rotator.make_new()
            rotate(database, Vault(rotator))
    finally:
        enough.set()
        writer.join()
    final = rotate(database, Vault(rotator))

    only_new = Vault(MasterKeys.from_environment({FILE_VARIABLE: str(key_file)}))
    assert refused == []
    assert len(written) > 1
    assert stored(database, only_new, north)["quickbooks.tokens"] == Secret(written[-1])
    assert final.remaining == 0
    assert [use.key for use in key_uses(database, only_new) if use.envelopes] == [only_new.keys.current_id]


def test_one_value_that_does_not_open_does_not_stop_the_others_and_is_named(database: Database) -> None:
    north = connect(database, "north", BEFORE)
    lost = Vault(MasterKeys(b"l" * 32))
    with database.write() as tx:
        secrets.put(tx, lost, north, "basware.password", "canary-lost", NOW)
        stolen = tx.execute(text("SELECT envelope FROM secrets WHERE field = 'quickbooks.tokens'")).scalar_one()
        tx.execute(text("UPDATE secrets SET envelope = :e WHERE field = 'basware.webhook_token'"), {"e": stolen})

    report = rotate(database, BOTH)

    assert (report.envelopes, report.remaining) == (2, 2)
    assert report.unreadable == [f"secrets {north} basware.password", f"secrets {north} basware.webhook_token"]
    with database.read() as tx, pytest.raises(VaultError, match="another connection or field"):
        secrets.get(tx, BOTH, north, "basware.webhook_token")
    assert {use.key: use.known for use in key_uses(database, BOTH)}[lost.keys.current_id] is False


def test_a_stored_delivery_opens_nowhere_but_in_its_row(database: Database) -> None:
    deliver(database, BEFORE, "first")
    deliver(database, BEFORE, "second")
    with database.write() as tx:
        body = tx.execute(select(deliveries.c.envelope).where(deliveries.c.digest == "first")).scalar_one()
        tx.execute(deliveries.update().where(deliveries.c.digest == "second").values(envelope=body))

    assert rotate(database, BOTH).unreadable == ["deliveries second"]
    for moved in ({"field": "second"}, {"table": "secrets"}, {"connection_id": "c-north"}):
        place = {"table": "deliveries", "connection_id": "", "field": "first"} | moved
        with pytest.raises(VaultError, match="does not open"):
            BEFORE.open(body, **place)


def test_a_delivery_whose_body_was_thrown_away_is_left_alone(database: Database) -> None:
    deliver(database, BEFORE, "first")
    with database.write() as tx:
        tx.execute(deliveries.update().values(envelope=""))

    assert rotate(database, BOTH).remaining == 0


def test_a_company_is_found_before_during_and_after_the_change(database: Database) -> None:
    north = connect(database, "north", BEFORE)
    for vault in (BEFORE, BOTH):
        with database.read() as tx:
            assert [row.id for row in connections.of_company(tx, vault.fingerprints(REALM, purpose="realm"))] == [north]
    rotate(database, BOTH)
    for vault in (BOTH, AFTER):
        with database.read() as tx:
            assert [row.id for row in connections.of_company(tx, vault.fingerprints(REALM, purpose="realm"))] == [north]
            assert connections.of_company(tx, vault.fingerprints("1", purpose="realm")) == []


def test_a_delivery_still_names_the_token_that_verified_it(database: Database) -> None:
    connect(database, "north", BEFORE)
    old, new = (vault.fingerprints("canary-key", purpose="webhook token")[0] for vault in (BEFORE, AFTER))
    deliver(database, BEFORE, "first", token_hashes=f"abc.gone {old}")

    rotate(database, BOTH)

    with database.read() as tx:
        assert set(tx.execute(select(deliveries.c.token_hashes)).scalar_one().split()) == {"abc.gone", new}


def test_connections_to_one_company_share_its_budget_whatever_the_key(database: Database) -> None:
    world = build_world(database, company="empty", vault=BEFORE)
    connect(database, "south", BEFORE)
    before = _budget_keys(world)
    rotate(database, BOTH)

    assert len(before) == 1
    assert _budget_keys(world) == before


def _budget_keys(world: World) -> set[str]:
    with world.database.read() as tx:
        return {budget_key(tx, row) for row in connections.list_all(tx)}


def test_every_column_that_hangs_on_the_master_key_is_known_to_the_rotation() -> None:
    assert {table.name for table in metadata.sorted_tables if "envelope" in table.c} == {
        kind.name for kind in sealed.SEALED
    }
    columns = {
        (table.name, column.name) for table in metadata.sorted_tables for column in table.c if "hash" in column.name
    }
    keyed = {(table, column) for table, column in columns if column not in PLAIN}
    assert keyed == {("connections", "realm_hash"), ("deliveries", "token_hashes")}
