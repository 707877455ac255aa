"""What a browser loads is what was shipped, and what others wrote is unchanged."""

import hashlib
import re
from importlib.resources import files

import pytest

from ml_connector.app import App
from ml_connector.console.assets import Assets
from ml_connector.store.database import Database
from ml_connector.store.vault import MasterKeys, Vault
from web import browser

VENDOR = files("ml_connector.console") / "static" / "vendor"
LISTED = re.findall(r"^\| `([^`]+)` \|.*\| `([0-9a-f]{64})` \|$", (VENDOR / "README.md").read_text("utf-8"), re.M)


@pytest.mark.parametrize(("name", "digest"), LISTED)
def test_a_file_of_others_is_the_one_that_was_published(name: str, digest: str) -> None:
    assert hashlib.sha256((VENDOR / name).read_bytes()).hexdigest() == digest


def test_every_file_of_others_is_listed_and_has_its_licence() -> None:
    shipped = {
        f"{folder.name}/{one.name}" for folder in VENDOR.iterdir() if folder.is_dir() for one in folder.iterdir()
    }
    folders = {name.partition("/")[0] for name in shipped}
    assert shipped == {name for name, _ in LISTED} | {f"{folder}/LICENSE" for folder in folders}


@pytest.mark.parametrize("database_kind", ["sqlite"])
def test_an_address_is_good_for_one_version_of_a_file_and_kept_for_a_year(database: Database) -> None:
    app = App(database, Vault(MasterKeys(b"w" * 32)))
    address = Assets().address("ours/console.js")
    with browser(app) as client:
        good, old, elsewhere = (
            client.get(path)
            for path in (address, "/static/0000000000000000/ours/console.js", f"{address}/../../../../screens.py")
        )
    assert good.text == (files("ml_connector.console") / "static/ours/console.js").read_text("utf-8")
    assert good.headers["content-encoding"] == "gzip"
    assert "immutable" in good.headers["cache-control"]
    assert (old.status_code, elsewhere.status_code) == (404, 404)
