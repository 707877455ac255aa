"""`ml-connector notify`: addresses are given without being shown, tried out, and removed."""

import pytest

from ml_connector.cli.output import ExitCode
from receiver import receiving
from terminal import Run
from world import World


def test_an_address_is_added_tried_listed_without_its_secret_and_removed(
    run: Run, connected: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ML_CONNECTOR_PRIVATE_TARGETS", "true")
    with receiving() as receiver:
        address = receiver.address.replace("json://", "json://user:geheim-password@")
        added = run("notify", "add", "demo", "--json", stdin=f"{address}\n").json
        assert run("notify", "test", added["id"]).code == ExitCode.DONE
        assert receiver.titles == ["ml-connector: a trial"]
        receiver.status = 500
        refused = run("notify", "test", added["id"])
        assert refused.code == ExitCode.HELD_OR_FAILED
        assert "geheim-password" not in refused.err

    listed = run("notify", "list", "--json")
    assert "geheim-password" not in listed.out
    assert [(one["connection"], one["target"]) for one in listed.json] == [("demo", "JSON to 127.0.0.1")]
    assert run("notify", "remove", added["id"]).code == ExitCode.DONE
    assert run("notify", "list", "--json").json == []


@pytest.mark.parametrize("address", ["", "nonsense", "gnome://", "unknown-kind://x", "slack://"])
def test_an_address_that_cannot_be_used_is_refused_with_what_to_do(run: Run, connected: World, address: str) -> None:
    refused = run("notify", "add", stdin=f"{address}\n")

    assert refused.code == ExitCode.USAGE
    assert run("notify", "list", "--json").json == []
