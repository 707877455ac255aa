"""Folders, accounts, databases and tables that are not as they should be: said in words with an exit code, never as a traceback."""

import pwd
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from ml_connector.store.database import Database
from ml_connector.store.errors import DatabaseUnavailableError
from paperwork import invoice
from terminal import Run
from twins.faults import FaultKind, FaultRule
from world import World


def test_a_home_that_cannot_be_made_is_named(run: Run, home: Path) -> None:
    home.write_text("a file where the folder should be")

    result = run("init")

    assert result.code == 2
    assert str(home) in result.err


def test_an_account_without_a_name_can_still_decide(
    run: Run, connected: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    def nameless(_uid: int) -> pwd.struct_passwd:
        raise KeyError("no such user")

    for name in ("LOGNAME", "USER", "LNAME", "USERNAME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(pwd, "getpwuid", nameless)

    assert run("mapping", "set", "account", "6110", "55").code == 0


def test_a_table_that_cannot_be_written_is_named(run: Run, connected: World, tmp_path: Path) -> None:
    result = run("mapping", "export", tmp_path / "nowhere" / "mapping.csv")

    assert result.code == 2
    assert "nowhere" in result.err


@pytest.mark.parametrize("priority", ["²", "99999999999999999999"])
def test_a_priority_no_database_could_keep_is_named(run: Run, connected: World, priority: str) -> None:
    result = run("mapping", "import", "-", stdin=f"dimension,conditions,priority,target\naccount,a=1,{priority},55\n")

    assert result.code == 2
    assert "priority" in result.err


def test_a_cell_of_endless_length_is_no_table(run: Run, connected: World) -> None:
    result = run("mapping", "import", "-", stdin=f"dimension,code,target\naccount,{'x' * 200_000},55\n")

    assert result.code == 2
    assert "CSV" in result.err


def test_a_database_that_is_busy_means_try_later(run: Run, connected: World, monkeypatch: pytest.MonkeyPatch) -> None:
    @contextmanager
    def locked(_self: Database, *, durable: bool = False) -> Iterator[None]:
        raise DatabaseUnavailableError(f"another process held it (durable: {durable})")
        yield

    monkeypatch.setattr(Database, "write", locked)

    assert run("sync").code == 4


def test_an_address_where_no_database_can_be_is_a_mistake(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ML_CONNECTOR_DATABASE_URL", "mysql://localhost/x")

    assert run("init").code == 2


def test_answers_that_basware_has_not_taken_mean_try_later(run: Run, connected: World) -> None:
    connected.basware_faults.add(FaultRule(kind=FaultKind.LOST_BEFORE, times=None, path="/transferResponses$"))
    connected.approve(invoice("A-1"))
    run("sync", "--only", "intake")
    run("mapping", "propose", "--accept")

    result = run("sync")

    assert (result.code, connected.answers("A-1")) == (4, [])
    assert "1 answers" in result.err


def test_calls_without_an_answer_are_counted_until_they_are_settled(run: Run, connected: World) -> None:
    connected.quickbooks_faults.add(FaultRule(kind=FaultKind.LOST_BEFORE, path="/batch$", contains='"operation"'))
    connected.approve(invoice("A-1"))
    run("sync", "--only", "intake")
    run("mapping", "propose", "--accept")
    assert run("sync").code == 4

    again = run("sync")

    assert again.code == 4
    assert "not answered 1 calls" in again.err
