"""Every command, for people and as JSON, where all goes well and where nothing does: none shows or stores a secret."""

import logging
import os
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest
from cyclopts import App as Commands

from canaries import PLANTED, dump, sightings
from ml_connector.app import App, Settings
from ml_connector.cli.main import app as commands
from ml_connector.store import connections, secrets
from ml_connector.store.database import Database
from ml_connector.store.master_keys import MasterKeys
from ml_connector.store.vault import Vault
from paperwork import invoice, line
from terminal import Run
from world import World

LINES = (
    "init", "connection show", "connection show demo", "connection ping", "sync", "status",
    "month", "documents list", "documents show N-1", "documents candidates N-2",
    "documents show N-1 --raw", "documents show N-2", "holds list", "holds retry --all", "holds ignore N-2 --reason tried",
    "holds decide N-2 nonsense --reason tried", "mapping list", "mapping propose", "mapping propose --accept", "mapping export",
    "mapping import {folder}/none.csv", "mapping set account 6470 6410", "mapping remove account 6470",
    "settings list", "settings set policy.hold_days 10 --reason tried",
    "mapping coverage", "mapping history", "mapping diff 0", "mapping restore 0 --reason tried", "mapping try account 6470 6410",
    "audit verify", "audit verify --people", "audit export --to {folder}/audit.jsonl",
    "plan list", "plan release --all", "plan take-back N-2", "plan review invoices on", "plan review invoices off",
    "holds hold N-2 --reason tried", "holds release N-2", "holds put-back N-2",
    "holds reactivate vendor 113 --reason tried", "holds reactivations",
    "holds change-date N-2 --to 2026-11-25 --reason tried", "holds undo-date N-2",
    "network list", "network show none", "network file none none --to {folder}/file", "extracts list", "extracts show none",
    "extracts rows ADM_SUPPLIER", "feeds", "orders list", "orders show none", "outcomes list", "alerts",
    "alerts put-away 1 --reason tried", "notify list", "notify add demo --file {folder}/verifier", "notify remove none",
    "notify test none", "calls", "calls --failed",
    "drift list --every", "drift show N-1", "drift accept N-1 --reason tried", "drift restore N-1 --reason tried",
    "drift ignore N-1 --reason tried",
    "accruals list", "accruals retry none",
    "alignment", "alignment fix account create 1", "attachments list", "attachments retry N-1", "contracts list",
    "contracts show none", "orders retry none", "orders links", "orders accept-links N-1 --reason tried", "payments list",
    "payments show N-1", "payments pick-up", "payments retry N-1", "records list", "records show none", "records retry --all",
    "vendors list", "vendors review", "vendors show V-10011", "vendors link V-10011 1", "vendors unlink V-10011 --reason tried",
    "vendors create V-10011", "vendors approve V-10011 --reason tried", "vendors reject V-10011 --reason tried",
    "vendors retry V-10011", "vendors bank V-10011",
    "budget", "changes", "changes compare --yes", "schedule list", "schedule preview", "schedule calendar", "schedule run invoices",
    "schedule pause --reason tried", "schedule resume --reason tried", "schedule backfill vendors --since 2026-11-01",
    "webhooks verifier --file {folder}/verifier", "webhooks subscribe --url https://connector.test",
    "webhooks subscribe --url https://connector.test --new-token", "webhooks list --url https://connector.test",
    "webhooks repair --url https://connector.test", "webhooks remove --url https://connector.test --yes",
    "webhooks verifier --drop-old", "webhooks deliveries", "webhooks delivery 1 --body", "webhooks replay 1",
    "work --once", "keys show", "keys rotate", "keys rotate --new-key",
    "people first-link", "people add bea@example.com viewer", "people list", "people role bea@example.com accountant",
    "people reset bea@example.com", "people sessions bea@example.com", "people history",
    "tokens add bea@example.com viewer --name reports", "tokens list", "tokens revoke 1", "people disable bea@example.com",
    "connection first-plan demo", "connection leave demo", "connection release demo",
    "connection add {folder}/demo.toml", "connection disconnect demo",
)  # fmt: skip
"""Every command once or more, as a person types it."""

NOT_HERE = {
    "connection connect": "waits for a browser; tests of the console do that",
    "serve": "listens until it is stopped; its answers are searched in tests/system/test_secrets.py",
    "demo": "a run of its own, below",
    "twins": "a program of its own, with made-up credentials that it prints",
}
JSON_LESS = ("mapping export", "orders show")


def _names(parent: Commands, prefix: str = "") -> Iterator[str]:
    for name in parent:
        if name.startswith("-"):
            continue
        yield from _names(parent[name], f"{prefix}{name} ")
        if parent[name].default_command is not None:
            yield f"{prefix}{name}"


def test_every_command_there_is_is_tried() -> None:
    tried = {name for name in _names(commands) if any(f"{one} ".startswith(f"{name} ") for one in LINES)}

    assert tried == {name for name in _names(commands) if name.split()[0] != "twins"} - set(NOT_HERE)


def _everything_known(home: Path) -> dict[str, str]:
    """The master keys, and each secret of each connection, tokens among them, as they are at this moment."""
    found = {f"master key {number}": key for number, key in enumerate((home / "master.key").read_text().split())}
    app = App.open(Settings())
    with app.database.read() as tx:
        for field in secrets.fields(tx, app.connection("demo").id):
            secret = secrets.get(tx, app.vault, app.connection("demo").id, field)
            assert secret is not None
            if not secret.reveal().startswith("{"):
                found[field] = secret.reveal()
                continue
            tokens = msgspec.json.decode(secret.reveal(), type=dict[str, str])
            found |= {f"{field} {name} {value[-6:]}": value for name, value in tokens.items() if len(value) > 10}
    app.close()
    return found


@pytest.mark.parametrize("fate", ["all goes well", "nothing goes well"])
def test_no_command_shows_or_stores_a_secret(  # noqa: PLR0917
    run: Run, connected: World, home: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture, fate: str
) -> None:
    caplog.set_level(logging.DEBUG)
    world = connected
    world.quickbooks.switches.rotate_after_seconds = 0
    world.approve(invoice("N-1"))
    world.approve(invoice("N-2", line("5.00", account="6470")))
    (tmp_path / "verifier").write_text(PLANTED["quickbooks.webhook_token"])
    known, written = _everything_known(home), list[str]()
    if fate == "nothing goes well":
        run("sync")
        world.quickbooks.sign_in.disconnect(world.realm_id)
        world.basware.revoke_tokens()
        world.basware.switches.allow_basic = False
        text = (tmp_path / "demo.toml").read_text().replace("demo-basware-secret", "canary-wrong-basware-secret")
        (tmp_path / "demo.toml").write_text(text)
        written.append(run("connection", "add", tmp_path / "demo.toml").err)
        world.clock.advance(4000)
    for words in LINES:
        for form in ([], ["--json"]):
            if form and words.startswith(JSON_LESS):
                continue
            result = run(*shlex.split(words.format(folder=tmp_path)), *form)
            written += [result.out, result.err]
            assert "Traceback" not in result.err, words
            known |= _everything_known(home)
            world.clock.advance(60)

    database = Database.open(Settings().address)
    assert sightings(known, *written, caplog.text, dump(database)) == []
    assert {"quickbooks.webhook_token", "basware.webhook_token", "master key 1"} <= set(
        known
    ) or fate == "nothing goes well"
    assert any("Calloway Thorne" in one for one in written) or fate == "nothing goes well"
    database.close()


LOGGING_ALL = "import logging; logging.basicConfig(level=logging.DEBUG); from ml_connector.cli.main import main; main()"


def test_a_whole_demo_run_with_every_library_logging_writes_no_secret(tmp_path: Path) -> None:
    """Over real sockets, so that what the HTTP library logs is among it."""
    home = tmp_path / "demo"
    environment = {"PATH": "/usr/bin:/bin", "HOME": str(tmp_path), "TWINS": str(tmp_path / "twins.json")}
    environment |= {name: value for name, value in os.environ.items() if name == "PYTHONPATH"}
    command = [sys.executable, "-c", LOGGING_ALL, "demo", "--home", str(home), "--json"]
    ended = subprocess.run(command, capture_output=True, timeout=300, env=environment, check=False)

    assert ended.returncode == 0, ended.stderr[-2000:]
    keys = MasterKeys.from_environment({"ML_CONNECTOR_MASTER_KEY_FILE": str(home / "master.key")})
    database, vault = Database.open(f"sqlite:///{home / 'ml-connector.db'}"), Vault(keys)
    known = {"master key": (home / "master.key").read_text().strip()}
    with database.read() as tx:
        [row] = connections.list_all(tx)
        for field in secrets.fields(tx, row.id):
            secret = secrets.get(tx, vault, row.id, field)
            assert secret is not None
            text = secret.reveal()
            parts = msgspec.json.decode(text, type=dict[str, str]) if text.startswith("{") else {"": text}
            known |= {f"{field} {name}": value for name, value in parts.items() if len(value) > 10}

    assert {"quickbooks.realm_id ", "quickbooks.tokens access_token", "quickbooks.tokens refresh_token"} <= set(known)
    assert sightings(known, ended.stdout, ended.stderr, dump(database)) == []
    assert b"DEBUG" in ended.stderr
    database.close()
