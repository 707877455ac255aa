"""Setting up and connecting from the command line: nothing is asked, every mistake is named, no secret is shown."""

import stat
import tomllib
from pathlib import Path

import msgspec
import pytest

from terminal import CONNECTION, Run
from world import World

SECRETS = ("demo-basware-secret", "demo-quickbooks-secret", "RT1-demo-calloway-thorne", "9341453900126010")


def test_init_makes_a_home_a_key_for_its_owner_only_and_the_tables(run: Run, home: Path) -> None:
    result = run("init", "--json")

    assert (result.code, result.json["master_key_made"]) == (0, True)
    assert stat.S_IMODE((home / "master.key").stat().st_mode) == 0o600
    assert stat.S_IMODE((home / "ml-connector.db").stat().st_mode) == 0o600
    assert "Keep a copy" in result.err


def test_init_again_replaces_nothing(run: Run, home: Path) -> None:
    run("init")
    key = (home / "master.key").read_text()

    assert run("init", "--json").json["master_key_made"] is False
    assert (home / "master.key").read_text() == key


def test_init_takes_a_key_that_is_given_and_makes_none(run: Run, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ML_CONNECTOR_MASTER_KEY", "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=")

    assert run("init", "--json").json["master_key_made"] is False
    assert not (home / "master.key").exists()


def test_without_init_a_command_says_what_to_do(run: Run, world: World, home: Path) -> None:
    home.mkdir()
    result = run("status")

    assert (result.code, result.out) == (2, "")
    assert "ML_CONNECTOR_MASTER_KEY" in result.err or "ml-connector init" in result.err


def test_a_connection_is_added_from_a_file_and_shown_without_its_secrets(
    run: Run, world: World, connection_file: Path
) -> None:
    run("init")
    added = run("connection", "add", connection_file, "--json")
    shown = run("connection", "show", "demo", "--json")

    assert (added.code, added.json["name"], added.json["state"]) == (0, "demo", "active")
    assert set(shown.json) == {"id", "name", "state", "reason", "company_code", "sign_in", "secrets", "settings"}
    assert (shown.json["sign_in"]["state"], shown.json["sign_in"]["refreshes"]) == ("living", 1)  # it was tried
    assert "quickbooks.refresh_token" in shown.json["secrets"]
    assert not [secret for secret in SECRETS for result in (added, shown) if secret in result.out + result.err]


def test_a_connection_file_may_be_json(run: Run, world: World, tmp_path: Path) -> None:
    path = tmp_path / "demo.json"
    path.write_bytes(msgspec.json.encode(tomllib.loads(CONNECTION)))
    run("init")

    assert run("connection", "add", path).code == 0
    assert run("connection", "ping").code == 0


def test_secrets_come_from_the_environment_a_file_or_standard_input(
    run: Run, world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "refresh").write_text("RT1-demo-calloway-thorne\n")
    monkeypatch.setenv("BASWARE_SECRET", "demo-basware-secret")
    text = (
        CONNECTION.replace('"demo-basware-secret"', '{ env = "BASWARE_SECRET" }')
        .replace('"RT1-demo-calloway-thorne"', f'{{ file = "{tmp_path / "refresh"}" }}')
        .replace('"demo-quickbooks-secret"', "{ stdin = true }")
    )
    path = tmp_path / "demo.toml"
    path.write_text(text)
    run("init")

    assert run("connection", "add", path, stdin="demo-quickbooks-secret\n").code == 0
    assert run("connection", "ping", "demo").code == 0


@pytest.mark.parametrize(
    ("old", "new", "named"),
    [
        ('name = "demo"', "", "name"),
        ('company_codes = ["US10"]', "", "company_codes"),
        ('company_codes = ["US10"]', "company_codes = [7]", "company_codes"),
        ("[quickbooks]", "[quickbooks]\nrealmid = 3", "realmid"),
        ("[quickbooks]", '[quickbooks]\nenvironment = "playground"', "playground"),
        ('name = "demo"', 'name = "demo', "TOML"),
        ('"demo-basware-secret"', '{ env = "NOT_SET_ANYWHERE" }', "NOT_SET_ANYWHERE"),
        ('"demo-basware-secret"', '{ file = "/no/such/file" }', "/no/such/file"),
        ('"demo-basware-secret"', "17", "basware.client_secret"),
        ('"demo-basware-secret"', "{ stdin = true }", "standard input"),
        ("[quickbooks]", '[policy]\nseveral_locations = "whatever"\n[quickbooks]', "whatever"),
    ],
)
def test_a_mistake_in_the_connection_file_is_named_and_nothing_is_saved(
    run: Run, world: World, connection_file: Path, *, old: str, new: str, named: str
) -> None:
    connection_file.write_text(CONNECTION.replace(old, new))
    run("init")

    result = run("connection", "add", connection_file, stdin="")

    assert (result.code, result.out) == (2, "")
    assert named in result.err
    assert run("connection", "show", "--json").json == []


def test_a_file_that_is_not_there_is_named(run: Run, world: World) -> None:
    run("init")
    result = run("connection", "add", "/no/such/connection.toml")

    assert result.code == 2
    assert "/no/such/connection.toml" in result.err


def test_a_connection_that_lacks_a_secret_says_which(run: Run, world: World, tmp_path: Path) -> None:
    path = tmp_path / "demo.toml"
    path.write_text(CONNECTION.replace('client_secret = "demo-basware-secret"\n', ""))
    run("init")
    run("connection", "add", path)

    result = run("sync")

    assert result.code == 2
    assert "basware.client_secret" in result.err


def test_ping_names_the_company_and_its_settings(run: Run, connected: World) -> None:
    result = run("connection", "ping", "--json")

    assert result.code == 0
    assert all(check["ok"] for check in result.json)
    found = {check["id"]: check["found"] for check in result.json}
    assert "Calloway Thorne" in found["quickbooks.company"]


def test_ping_tells_apart_who_has_to_sign_in_and_what_is_broken(run: Run, connected: World) -> None:
    connected.quickbooks.sign_in.disconnect(connected.realm_id)
    signed_out = run("connection", "ping")

    assert signed_out.code == 3
    assert "FAILED" in signed_out.out


def test_a_connection_nobody_knows_is_a_mistake_in_the_command(run: Run, connected: World) -> None:
    result = run("sync", "acme")

    assert (result.code, result.out) == (2, "")
    assert "acme" in result.err


@pytest.mark.parametrize(
    "words", [["snyc"], ["sync", "--onyl", "post"], ["sync", "--only", "lunch"], ["documents", "show"]]
)
def test_a_mistyped_command_ends_with_exit_code_two_and_words_on_standard_error(
    run: Run, connected: World, words: list[str]
) -> None:
    result = run(*words)

    assert (result.code, result.out) == (2, "")
    assert result.err
