"""The script of docs/api.md, run as it stands there against both twins: from nothing to the first posted bill."""

import re
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

import beginnings
from databases import SqliteFiles
from ml_connector.model.people import EVERY_CONNECTION, Role
from ml_connector.store import audit, secrets
from ml_connector.store.database import Database
from ml_connector.work.engines.local import LocalEngine
from programs import token_for
from visits import FAST
from web import served
from world import World, build_world

DOCUMENT = Path(__file__).parents[3] / "docs" / "api.md"
KEYS = beginnings.QUICKBOOKS_KEYS | beginnings.BASWARE_KEYS
ACME: dict[str, Any] = {
    "name": "acme-us",
    "company_codes": ["US10"],
    "quickbooks": {"settings": beginnings.QUICKBOOKS, "secrets": beginnings.QUICKBOOKS_KEYS},
    "basware": {"settings": beginnings.BASWARE, "secrets": beginnings.BASWARE_KEYS},
    "policies": {},
    "codes": [],
    "start_date": "2026-10-01",
}


def script() -> str:
    """The first block of Python in the document."""
    found = re.search(r"^```python\n(.*?)^```$", DOCUMENT.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
    assert found is not None
    return found[1]


@pytest.fixture
def world(sqlite: SqliteFiles, tmp_path: Path) -> World:
    with sqlite.fresh() as url:
        scene = build_world(Database.open(url), mapping=False)
    beginnings.emptied(scene, tmp_path)
    object.__setattr__(scene.app.identity, "passwords", FAST)
    return scene


class Meanwhile:
    """What happens while the script waits: a person agrees at Intuit, then the engine works."""

    def __init__(self, world: World, address: str, printed: list[str]) -> None:
        self.world, self.address, self.printed, self.agreed = world, address, printed, 0

    def sleep(self, _seconds: float) -> None:
        links = [one for line in self.printed for one in re.findall(r"http://\S+/connect/quickbooks/\S+", line)]
        if len(links) > self.agreed:
            self.agreed += 1
            assert "QuickBooks is connected" in beginnings.agree(self.world, links[-1], self.address)
            return
        LocalEngine(self.world.app, heart=None, worker="engine").step()
        self.world.clock.advance(120)


def test_a_company_is_set_up_by_script_from_nothing_to_the_first_posted_bill(
    world: World, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    world.act("edit_company", changes={"DefaultTimeZone": "America/Chicago"})
    printed = list[str]()
    with served(world.app) as address:
        token = token_for(world.app, Role.ADMINISTRATOR, EVERY_CONNECTION)
        for name, value in (("ML_CONNECTOR_URL", address), ("ML_CONNECTOR_TOKEN", token), ("no_proxy", "*")):
            monkeypatch.setenv(name, value)
        meanwhile = Meanwhile(world, address, printed)
        own: dict[str, Any] = {"__name__": "script", "print": lambda *told: printed.append(" ".join(map(str, told)))}
        exec(compile(script(), str(DOCUMENT), "exec"), own)
        own["time"] = SimpleNamespace(sleep=meanwhile.sleep)

        own["set_up"](ACME)
        LocalEngine(world.app, heart=None, worker="engine").step()
        assert world.transactions() == []
        assert any("documents would be posted" in line for line in printed)

        told = own["call"]("GET", "/connections/acme-us/setup")
        assert told["country"] == "US", "which of the tax policies concern it"
        assert (told["time_zone_in_quickbooks"], told["time_zone_proposed"]) == ("America/Chicago", ""), (
            "one was chosen"
        )
        left = own["call"]("POST", "/connections/acme-us/setup/quickbooks/leave")
        assert left["at_intuit"] == "Intuit ended the sign-in"
        assert not own["call"]("GET", "/connections/acme-us/sign-in")["signed_in"]

        own["RELEASE"] = True
        own["set_up"](ACME)
        posted = own["first_bill"](ACME)
        own["set_up"](ACME)

    kind, quickbooks_id = posted["transactions"][0]["type"], posted["transactions"][0]["id"]
    assert (kind, quickbooks_id) in {(kind, record["Id"]) for kind, record in world.transactions()}
    assert all(record["TxnDate"] >= "2026-10-01" for kind, record in world.transactions() if kind == "Bill")
    assert meanwhile.agreed == 2, "the company was left and agreed to once more"
    _no_secret_anywhere(world, "".join(printed) + capfd.readouterr().err + caplog.text)


def _no_secret_anywhere(world: World, told: str) -> None:
    """Stored sealed, and neither told, logged, noted nor kept with an answer."""
    row = world.app.connection("acme-us")
    with world.database.read() as tx:
        assert set(KEYS) <= set(secrets.fields(tx, row.id))
        kept = str(tx.exec_driver_sql("select * from idempotency_keys").all())
        noted = str(audit.listing(tx, row.id, limit=1000))
    assert "set up by script, plan looked at" in noted
    for secret in KEYS.values():
        assert secret not in told + noted + kept
