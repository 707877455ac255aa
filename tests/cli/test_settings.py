"""Settings one by one from the command line."""

from ml_connector.app import App, Settings
from ml_connector.store import audit
from terminal import Run
from world import World


def test_a_setting_is_shown_and_changed(run: Run, connected: World) -> None:
    shown = run("settings", "set", "policy.hold_days", "7", "--reason", "Basware gives up after ten", "--json").json

    assert (shown["value"], shown["default"], shown["changed"]) == ("7", "14", True)
    changed = run("settings", "list", "--changed", "--json").json
    assert ("policy.hold_days", "7") in {(one["name"], one["value"]) for one in changed}
    assert "hold began" in run("settings", "list", "hold_days").out
    assert run("settings", "set", "policy.hold_days", "soon").code == 2
    assert run("settings", "set", "policy.nonsense", "1").code == 2


def test_before_and_after_are_kept(run: Run, connected: World) -> None:
    run("settings", "set", "policy.hold_days", "7", "--reason", "why not")
    installation = App.open(Settings())
    with installation.database.read() as tx:
        newest = audit.listing(tx, installation.connection("demo").id, action="connection saved")[0]
    installation.close()

    assert (newest.before, newest.after, newest.reason) == (
        '{"policy.hold_days": 14}',
        '{"policy.hold_days": 7}',
        "why not",
    )
