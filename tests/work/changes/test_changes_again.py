"""QuickBooks' changes read again from a day on: by change data capture within its 30 days, else by comparing; crashes included."""

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import delete

from crashes import Crash
from followed import Followed
from ml_connector.store import books as book_store
from ml_connector.store import jobs
from ml_connector.store.books import BookRow
from ml_connector.store.schema import books
from ml_connector.work.changes import again, comparing, recent
from ml_connector.work.changes.catch_up import moment
from ml_connector.work.changes.state import changes_state
from ml_connector.work.jobs import Job
from ml_connector.work.schedule import run_now

LONG_AGO, LATELY = 60, 3


def ask(followed: Followed, days: int) -> date:
    """A person asks for everything from some days ago on."""
    world = followed.world
    now = world.clock.now()
    since = (now - timedelta(days=days)).date()
    run_now(world.database, world.connection, Job.CHANGES, despite="", actor="Ann", now=now, backfill=since)
    return since


def asked(followed: Followed) -> str:
    with followed.world.database.read() as tx:
        return jobs.get(tx, followed.world.connection_id, Job.CHANGES).backfill_from


def lose(followed: Followed, entity: str, *ids: str) -> None:
    """Copies are lost, as after restoring a backup."""
    own = books.c
    with followed.world.database.write() as tx:
        tx.execute(delete(books).where(own.entity == entity, own.quickbooks_id.in_(ids)))


def spoil(followed: Followed, entity: str = "Vendor") -> None:
    """A copy is lost, and there is one of a record that QuickBooks does not have."""
    world = followed.world
    with world.database.write() as tx:
        known = book_store.all_of(tx, world.connection_id, entity)[0]
        ghost = BookRow(quickbooks_id="999999", payload='{"Id":"999999","SyncToken":"0"}', sync_token="0")
        book_store.put_many(tx, world.connection_id, entity, [ghost], world.clock.now())
    lose(followed, entity, known.quickbooks_id)


def known_to(followed: Followed) -> dict[str, datetime | None]:
    with followed.world.database.read() as tx:
        kept = book_store.cursors(tx, followed.world.connection_id)
    return {entity: moment(kept[entity]) for entity in followed.world.desk().settings.changes.captured}


def entries(followed: Followed, count: int) -> list[str]:
    world = followed.world
    accounts = [
        one["Id"] for one in world.quickbooks.books(world.realm_id)["Account"]
        if one["AccountType"] == "Expense" and one["Active"]
    ][:2]  # fmt: skip
    lines = [{"side": side, "account": key, "amount": "1.00"} for side, key in zip(("Debit", "Credit"), accounts)]  # noqa: B905
    made = [
        world.quickbooks.act(world.realm_id, "create_journal_entry", lines=lines, number=f"J-{n}") for n in range(count)
    ]
    return [str(one["Id"]) for one in made]


def test_within_a_month_one_call_brings_every_change_and_deletion(followed: Followed) -> None:
    made = entries(followed, 3)
    followed.read()
    followed.world.quickbooks.act(followed.world.realm_id, "delete", entity="JournalEntry", id=made[0])
    lose(followed, "JournalEntry", made[1])
    before = known_to(followed)

    ask(followed, LATELY)
    calls = followed.calls(followed.read)

    assert calls["cdc"] <= 2
    assert followed.differences() == []
    assert asked(followed) == ""
    assert all(new >= old for old, new in zip(before.values(), known_to(followed).values(), strict=True) if old and new)


def test_from_a_day_quickbooks_no_longer_tells_of_everything_is_compared_and_deletions_are_confirmed(
    followed: Followed,
) -> None:
    spoil(followed)
    assert len(followed.differences()) == 2

    ask(followed, LONG_AGO)
    followed.read()

    assert followed.differences() == []
    gone = followed.copy("Vendor", "999999")
    assert gone is not None
    assert gone.deleted
    assert asked(followed) == ""


def test_no_cursor_goes_back_while_everything_is_compared(followed: Followed, monkeypatch: pytest.MonkeyPatch) -> None:
    before = known_to(followed)
    ask(followed, LONG_AGO)
    with monkeypatch.context() as patch:
        patch.setattr(comparing, "_find_missing", _crash)
        with pytest.raises(Crash):
            followed.read()

    assert known_to(followed) == before
    assert "comparing" in {one.progress for one in changes_state(followed.world.desk()).entities}


def test_a_crash_between_pages_of_the_comparison_costs_one_page_and_the_wish_is_kept(
    followed: Followed, monkeypatch: pytest.MonkeyPatch
) -> None:
    entries(followed, 2500)
    followed.read()
    spoil(followed)
    since = ask(followed, LONG_AGO)
    inner, kept = comparing._keep_page, list[Any]()

    def keep_page(*arguments: Any) -> Any:
        if arguments[1] == "JournalEntry" and kept:
            raise Crash
        answer = inner(*arguments)
        if arguments[1] == "JournalEntry":
            kept.append(arguments[2].position)
        return answer

    with monkeypatch.context() as patch:
        patch.setattr(comparing, "_keep_page", keep_page)
        with pytest.raises(Crash):
            followed.read()
    assert asked(followed) == since.isoformat()
    followed.world.restart()
    pages = list[tuple[str, int]]()

    def counted(*arguments: Any) -> Any:
        pages.append((arguments[1], arguments[2].position))
        return inner(*arguments)

    monkeypatch.setattr(comparing, "_keep_page", counted)
    followed.read()

    assert 1 not in [position for entity, position in pages if entity == "JournalEntry"], "behind the crash only"
    assert followed.differences() == []
    assert asked(followed) == ""


def test_a_crash_among_more_changes_than_one_answer_holds_loses_none_of_them(
    followed: Followed, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = entries(followed, 2500)
    followed.read()
    lose(followed, "JournalEntry", made[0], made[-1])
    ask(followed, LATELY)
    with monkeypatch.context() as patch:
        patch.setattr(recent, "_settle_deletions", _crash)
        with pytest.raises(Crash):
            followed.read()
    assert asked(followed) != ""
    followed.world.restart()

    calls = followed.calls(followed.read)

    assert calls.get("cdc", 0) <= 1, "what was told before the crash is not asked for again"
    assert followed.differences() == []
    assert asked(followed) == ""


def test_a_crash_after_the_answer_was_stored_only_means_asking_once_more(
    followed: Followed, monkeypatch: pytest.MonkeyPatch
) -> None:
    entries(followed, 3)
    ask(followed, LATELY)
    inner = again.keep_changes

    def stored_and_gone(*arguments: Any) -> None:
        inner(*arguments)
        raise Crash

    with monkeypatch.context() as patch:
        patch.setattr(again, "keep_changes", stored_and_gone)
        with pytest.raises(Crash):
            followed.read()

    followed.read()

    assert followed.differences() == []
    assert asked(followed) == ""


def _crash(*_arguments: object, **_named: object) -> None:
    raise Crash
