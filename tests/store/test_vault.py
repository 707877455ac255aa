"""Secrets: sealed for one place, never shown, found nowhere in the database."""

import pickle
from datetime import datetime
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text

from ml_connector.store import secrets
from ml_connector.store.database import Database
from ml_connector.store.errors import VaultError
from ml_connector.store.vault import (
    FILE_VARIABLE,
    KEY_VARIABLE,
    OLD_KEYS_VARIABLE,
    MasterKeys,
    Secret,
    Vault,
    generate_master_key,
)

CANARY = "canary-4b1f-refresh-token"
PLACE = {"table": "secrets", "connection_id": "c-north", "field": "quickbooks.tokens"}


@given(st.text())
def test_whatever_is_sealed_opens_again_in_its_place(value: str) -> None:
    vault = Vault(MasterKeys(b"k" * 32))
    envelope = vault.seal(value, **PLACE)
    assert envelope.startswith("mlc1:")
    assert vault.open(envelope, **PLACE).reveal() == value


@pytest.mark.parametrize(
    "moved", [{"table": "connections"}, {"connection_id": "c-south"}, {"field": "basware.password"}]
)
def test_an_envelope_moved_to_another_place_does_not_open(vault: Vault, moved: dict[str, str]) -> None:
    envelope = vault.seal(CANARY, **PLACE)
    with pytest.raises(VaultError, match="does not open"):
        vault.open(envelope, **(PLACE | moved))


def test_no_part_of_an_envelope_can_be_changed(vault: Vault) -> None:
    prefix, key_id, wrapped, sealed = vault.seal(CANARY, **PLACE).split(":")
    other = vault.seal("another", **PLACE).split(":")
    for damaged in (
        [prefix, key_id, wrapped, other[3]],
        [prefix, key_id, other[2], sealed],
        [prefix, key_id, wrapped, sealed[:-8]],
        [prefix, key_id, "", ""],
        [prefix, key_id, "ä", sealed],
        ["mlc2", key_id, wrapped, sealed],
        [CANARY],
    ):
        with pytest.raises(VaultError, match="does not open") as refusal:
            vault.open(":".join(damaged), **PLACE)
        assert CANARY not in str(refusal.value)


def test_the_same_secret_never_looks_the_same_twice(vault: Vault) -> None:
    assert vault.seal(CANARY, **PLACE) != vault.seal(CANARY, **PLACE)


def test_a_secret_does_not_show_itself() -> None:
    secret = Secret(CANARY)
    assert CANARY not in f"{secret} {secret!r} {[secret]}"
    with pytest.raises(TypeError):
        pickle.dumps(secret)
    with pytest.raises(TypeError):
        msgspec.json.encode(secret)
    with pytest.raises(TypeError):
        hash(secret)
    assert secret == Secret(CANARY)
    assert secret != Secret("another")


def test_after_a_change_of_keys_old_secrets_open_and_can_be_rewrapped() -> None:
    old, new = b"o" * 32, b"n" * 32
    envelope = Vault(MasterKeys(old)).seal(CANARY, **PLACE)
    with pytest.raises(VaultError, match=OLD_KEYS_VARIABLE):
        Vault(MasterKeys(new)).open(envelope, **PLACE)
    both = Vault(MasterKeys(new, (old,)))
    assert both.open(envelope, **PLACE).reveal() == CANARY
    fresh = both.rewrap(envelope, **PLACE)
    assert Vault(MasterKeys(new)).open(fresh, **PLACE).reveal() == CANARY
    assert both.rewrap(fresh, **PLACE) == fresh
    with pytest.raises(VaultError, match="does not open"):
        both.rewrap(envelope, **(PLACE | {"field": "other"}))


def test_a_fingerprint_recognises_a_value_across_a_change_of_keys() -> None:
    old, new = b"o" * 32, b"n" * 32
    before = Vault(MasterKeys(old)).fingerprints("9130357", purpose="realm")[0]
    after = Vault(MasterKeys(new, (old,)))
    assert before in after.fingerprints("9130357", purpose="realm")
    assert before not in after.fingerprints("9130358", purpose="realm")
    assert before not in after.fingerprints("9130357", purpose="user")
    assert "9130357" not in before


def test_keys_come_from_the_environment_or_a_file(tmp_path: Path) -> None:
    key, former = generate_master_key(), generate_master_key()
    path = tmp_path / "master.key"
    path.write_text(key + "\n")
    from_value = MasterKeys.from_environment({KEY_VARIABLE: key, OLD_KEYS_VARIABLE: f"{former}, "})
    from_file = MasterKeys.from_environment({FILE_VARIABLE: str(path)})
    assert from_value.current_id == from_file.current_id
    assert MasterKeys.from_environment({KEY_VARIABLE: former}).current_id in from_value.ids()
    assert key not in repr(from_value)


@pytest.mark.parametrize(
    ("environment", "words"),
    [
        ({}, "no key is set"),
        ({KEY_VARIABLE: "a", FILE_VARIABLE: "b"}, "both set"),
        ({KEY_VARIABLE: "wrong!"}, "not base64"),
        ({KEY_VARIABLE: "c2hvcnQ="}, "holds 5 bytes"),
        ({FILE_VARIABLE: "/nowhere/master.key"}, "/nowhere/master.key cannot be read"),
        ({KEY_VARIABLE: generate_master_key(), OLD_KEYS_VARIABLE: "c2hvcnQ="}, "OLD_MASTER_KEYS holds 5 bytes"),
    ],
)
def test_an_unusable_master_key_is_refused_with_how_to_make_one(environment: dict[str, str], words: str) -> None:
    with pytest.raises(VaultError, match=words) as refusal:
        MasterKeys.from_environment(environment)
    assert "openssl rand -base64 32" in str(refusal.value)


def test_a_secret_is_stored_replaced_and_removed(database: Database, vault: Vault, north: str, now: datetime) -> None:
    with database.write() as tx:
        assert secrets.get(tx, vault, north, "quickbooks.tokens") is None
        assert secrets.put(tx, vault, north, "quickbooks.tokens", "first", now) == 1
        assert secrets.put(tx, vault, north, "quickbooks.tokens", "second", now) == 2
    with database.read() as tx:
        found = secrets.get_version(tx, vault, north, "quickbooks.tokens")
        assert found is not None
        assert (found.secret.reveal(), found.version, found.updated_at) == ("second", 2, now)
        assert secrets.fields(tx, north) == ["quickbooks.tokens"]
    with database.write() as tx:
        assert secrets.remove(tx, north, "quickbooks.tokens")
        assert not secrets.remove(tx, north, "quickbooks.tokens")


def test_of_two_processes_that_renewed_a_token_only_the_first_is_stored(
    database: Database, vault: Vault, north: str, now: datetime
) -> None:
    with database.write() as tx:
        assert secrets.put_if_version(tx, vault, north, "token", "first", 0, now)
        assert not secrets.put_if_version(tx, vault, north, "token", "late", 0, now)
        assert secrets.put_if_version(tx, vault, north, "token", "second", 1, now)
        assert not secrets.put_if_version(tx, vault, north, "token", "late", 1, now)
        stored = secrets.get(tx, vault, north, "token")
    assert stored == Secret("second")


def test_a_secret_copied_to_another_row_does_not_open(
    database: Database, vault: Vault, north: str, south: str, now: datetime
) -> None:
    with database.write() as tx:
        secrets.put(tx, vault, north, "token", CANARY, now)
        secrets.put(tx, vault, south, "token", "theirs", now)
        stolen = text("UPDATE secrets SET envelope = :other WHERE connection_id = :victim")
        envelope = tx.execute(text("SELECT envelope FROM secrets WHERE connection_id = :c"), {"c": north}).scalar_one()
        tx.execute(stolen, {"other": envelope, "victim": south})
        assert secrets.get(tx, vault, north, "token") == Secret(CANARY)
        with pytest.raises(VaultError, match="another connection or field"):
            secrets.get(tx, vault, south, "token")


def test_a_secret_is_nowhere_in_the_database(
    database: Database, database_url: str, vault: Vault, north: str, now: datetime
) -> None:
    with database.write() as tx:
        secrets.put(tx, vault, north, "token", CANARY, now)
    with database.read() as tx:
        rows = [str(row) for row in tx.execute(text("SELECT * FROM secrets"))]
    assert len(rows) == 1
    assert CANARY not in rows[0]
    if database_url.startswith("sqlite"):
        file = Path(database_url.removeprefix("sqlite:///"))
        contents = [path.read_bytes() for path in file.parent.glob(f"{file.name}*")]
        assert any(b"mlc1:" in content for content in contents)
        assert not any(CANARY.encode() in content for content in contents)
