"""`ml-connector keys …`: which keys are in use, and a change of keys from the command line."""

import shlex
import sys
from pathlib import Path

import pytest

from ml_connector.app import App, Settings
from ml_connector.store.master_keys import generate_master_key
from terminal import Run
from world import World


def test_the_keys_in_use_are_listed_by_id_with_what_is_under_each(run: Run, connected: World, home: Path) -> None:
    key = (home / "master.key").read_text().strip()
    shown = run("keys", "show", "--json")

    [use] = shown.json
    assert (shown.code, use["current"], use["known"], use["company_hashes"]) == (0, True, True, 1)
    assert use["envelopes"] == {"secrets": 7}
    assert f"the file {home / 'master.key'}" in shown.err
    assert key not in shown.out + shown.err


def test_a_new_key_is_made_and_everything_moves_to_it(run: Run, connected: World, home: Path) -> None:
    before = run("keys", "show", "--json").json[0]["key"]
    rotated = run("keys", "rotate", "--new-key", "--json")

    assert rotated.code == 0
    assert (rotated.json["envelopes"], rotated.json["company_hashes"], rotated.json["remaining"]) == (7, 1, 0)
    current, former = run("keys", "show", "--json").json
    assert (current["key"], former["key"]) == (rotated.json["key"], before)
    assert (former["envelopes"], former["company_hashes"]) == ({}, 0)
    assert run("connection", "ping").code == 0

    path = home / "master.key"
    keys = path.read_text().split()
    assert not [key for key in keys if key in rotated.out + rotated.err]
    path.write_text(keys[0])
    assert run("connection", "ping").code == 0
    assert len(run("keys", "show", "--json").json) == 1


def test_a_lost_key_is_named_and_ends_with_exit_code_one(run: Run, connected: World, home: Path) -> None:
    before = run("keys", "show", "--json").json[0]["key"]
    (home / "master.key").write_text(generate_master_key())

    shown, rotated = run("keys", "show"), run("keys", "rotate", "--json")

    assert (shown.code, rotated.code) == (1, 1)
    assert before in shown.err
    assert "NOT KNOWN" in shown.out
    assert (rotated.json["envelopes"], rotated.json["remaining"]) == (0, 8)
    assert "quickbooks.realm_id" in rotated.err
    assert before in run("sync").err


def test_an_installation_may_ask_a_command_for_its_key(
    run: Run, world: World, connection_file: Path, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    keys = connection_file.parent / "kept by the key service"
    first, second = generate_master_key(), generate_master_key()
    keys.write_text(first)
    script = f"print(open({str(keys)!r}).read())"
    monkeypatch.setenv("ML_CONNECTOR_MASTER_KEY_COMMAND", shlex.join([sys.executable, "-c", script]))

    assert run("init", "--json").json["master_key_made"] is False
    assert run("connection", "add", connection_file).code == 0
    assert not (home / "master.key").exists()

    keys.write_text(f"{second}\n{first}\n")
    assert run("keys", "rotate", "--json").json["remaining"] == 0
    keys.write_text(second)
    assert run("connection", "ping").code == 0

    refused = run("keys", "rotate", "--new-key")
    assert refused.code == 2
    assert "only you can change" in refused.err
    keys.write_text("canary-word")
    assert "canary-word" not in run("status").err


def test_a_running_process_follows_a_change_of_keys_without_a_restart(run: Run, connected: World, home: Path) -> None:
    running = App.open(Settings())
    before = running.vault.keys.current_id
    assert run("keys", "rotate", "--new-key").code == 0
    (home / "master.key").write_text((home / "master.key").read_text().split()[0])

    assert [row.name for row in running.connections_of(connected.realm_id)] == ["demo"]
    assert running.desk(running.connection("demo")).quickbooks.company_info()
    assert running.vault.keys.current_id != before
    running.close()
