"""Looking after a mapping: what is not mapped and what waits for it, what a change would do, what was and how to go back."""

from concurrent.futures import ThreadPoolExecutor, wait
from hashlib import sha256

import pytest

from ml_connector.model.mapping import Dimension
from ml_connector.store import audit, documents, mappings
from ml_connector.store.database import Database
from ml_connector.store.mappings import load
from ml_connector.work import mapping_history as versions
from ml_connector.work.engine import Step
from ml_connector.work.lists import KeptBooks, load_books, refresh_lists
from ml_connector.work.mapping_coverage import ReadDocuments, coverage
from ml_connector.work.mapping_proposals import accept, proposals
from ml_connector.work.mapping_tables import (
    MappingTableError,
    conditional_rule,
    default_rule,
    move_rule,
    replace_rules,
    rule_for_code,
    set_rule,
)
from ml_connector.work.mapping_trial import try_mapping, with_rules
from paperwork import invoice, line
from world import World, build_world


def version(world: World) -> int:
    with world.database.read() as tx:
        return load(tx, world.connection_id).version


@pytest.fixture
def waiting(world: World) -> World:
    """Two invoices wait; one has a code nobody mapped."""
    world.approve(invoice("N-1", line("100.00")))
    world.approve(invoice("N-2", line("40.00"), line("20.00", account="6470")))
    world.run([Step.INTAKE])
    return world


def test_codes_without_a_rule_come_first_with_what_waits_for_them(waiting: World) -> None:
    found = coverage(waiting.desk())

    first = found.lines[0]
    assert (first.dimension, first.code, first.covered, first.documents) == ("account", "6470", False, 1)
    assert set(first.money) == {"USD"}
    account = next(one for one in found.dimensions if one.dimension == "account")
    assert (account.codes, account.covered, account.percent) == (2, 1, 50)


def test_a_code_that_only_the_default_covers_is_counted_as_such(waiting: World) -> None:
    set_rule(waiting.desk(), default_rule(load_books(waiting.desk()), Dimension.ACCOUNT, "55"), actor="robin")

    account = next(one for one in coverage(waiting.desk()).dimensions if one.dimension == "account")
    assert (account.percent, account.by_default) == (100, 1)


def test_a_code_is_not_covered_where_conditions_leave_one_row_without_a_rule(waiting: World) -> None:
    desk = waiting.desk()
    rule = conditional_rule(load_books(desk), Dimension.ACCOUNT, "accountCode=6470; costCenterCode=BOS", "55")
    set_rule(desk, rule, actor="robin")

    assert not next(one for one in coverage(desk).lines if one.code == "6470").covered


def test_a_supplier_whose_number_a_vendor_has_needs_no_rule(waiting: World) -> None:
    vendor = next(one for one in coverage(waiting.desk()).lines if one.dimension == "vendor")

    assert (vendor.covered, vendor.rule) == (True, "same vendor number")


def test_documents_that_were_read_once_are_not_read_again(waiting: World) -> None:
    known, desk = ReadDocuments(), waiting.desk()
    first = coverage(desk, known)
    with waiting.database.write() as tx:
        tx.exec_driver_sql("UPDATE inbox SET payload = 'gone'")

    assert coverage(desk, known) == first


def test_what_is_kept_of_the_coverage_counts_until_anything_it_was_made_of_changes(waiting: World) -> None:
    known, desk = ReadDocuments(), waiting.desk()
    before = coverage(desk, known)
    assert coverage(desk, known) is before

    waiting.approve(invoice("N-9", line("20.00", account="6470")))
    waiting.run([Step.INTAKE])
    arrived = coverage(desk, known)
    assert arrived.documents == before.documents + 1
    was, now = (next(one for one in found.lines if one.code == "6470") for found in (before, arrived))
    assert (now.documents, now.covered) == (was.documents + 1, False)

    waiting.map(Dimension.ACCOUNT, "6470", "55")
    assert next(one for one in coverage(desk, known).lines if one.code == "6470").covered


def test_a_rule_is_tried_on_the_documents_it_concerns_and_nothing_is_kept(waiting: World) -> None:
    desk = waiting.desk()
    with waiting.database.read() as tx:
        now = mappings.load(tx, desk.connection_id)
    rule = rule_for_code(load_books(desk), Dimension.ACCOUNT, "6470", "55")

    trial = try_mapping(desk, with_rules(now, [rule]))

    (one,) = trial.lines
    assert (one.invoice_number, one.before, one.after) == ("N-2", "waits", "becomes a bill")
    assert [(code.code, code.before) for code in one.codes] == [("6470", "no rule")]
    assert (trial.looked_at, trial.concerned, trial.released, trial.stopped) == (2, 1, 1, 0)
    assert one.causes_before
    assert version(waiting) == now.version
    with waiting.database.read() as tx:
        assert len(documents.in_state(tx, desk.connection_id, "received")) == 2
    assert waiting.transactions() == []


def test_a_posted_document_is_shown_as_staying_as_it_is(waiting: World) -> None:
    waiting.settle()
    desk = waiting.desk()
    with waiting.database.read() as tx:
        now = mappings.load(tx, desk.connection_id)
    other = rule_for_code(load_books(desk), Dimension.ACCOUNT, "6110", "56")

    posted = [one for one in try_mapping(desk, with_rules(now, [other])).lines if one.posted]

    assert [(one.invoice_number, one.after) for one in posted] == [("N-1", "stays as it was posted")]


def test_history_says_who_changed_what_and_why(waiting: World) -> None:
    desk = waiting.desk()
    set_rule(desk, rule_for_code(load_books(desk), Dimension.ACCOUNT, "6470", "55"), actor="robin", why="new account")

    with waiting.database.read() as tx:
        newest = versions.history(tx, desk.connection_id)[0]
    (change,) = newest.changes
    assert (newest.by, newest.reason, change.what, change.before) == ("robin", "new account", "6470", None)
    assert change.after is not None
    assert change.after.target_id == "55"


def test_the_sealed_audit_has_who_why_and_a_digest_of_what_was_and_what_is(waiting: World) -> None:
    desk, books = waiting.desk(), load_books(waiting.desk())
    for target, why in (("55", "new account"), ("56", "the other one")):
        set_rule(desk, rule_for_code(books, Dimension.ACCOUNT, "6470", target), actor="robin", why=why)

    with waiting.database.read() as tx:
        newest = mappings.history(tx, desk.connection_id, 1)[0]
        (entry,) = audit.listing(tx, desk.connection_id, subject=f"mapping {newest.version}")
        (change,) = versions.history(tx, desk.connection_id, 1)[0].changes
    assert (entry.action, entry.actor, entry.reason) == ("mapping changed", "robin", "the other one")
    assert (change.before.target_id, change.after.target_id) == ("55", "56")  # type: ignore[union-attr]
    digest = sha256(newest.change.encode()).hexdigest()
    assert entry.after == f"rules that went: 1, that came: 1; SHA-256 {digest}"


@pytest.mark.both_databases
def test_of_two_tables_imported_at_once_neither_takes_the_others_rules_away(database: Database) -> None:
    world = build_world(database, company="empty")
    desk, books, before = world.desk(), load_books(world.desk()), version(world)
    mine, theirs = (rule_for_code(books, Dimension.ACCOUNT, code, "55", code) for code in ("6470", "6480"))
    slower = world.restart().desk()

    with ThreadPoolExecutor(1) as pool:
        with desk.write() as tx:
            known = load(tx, desk.connection_id).rules
            mappings.replace_all(tx, desk.connection_id, [*known, mine], by="robin", now=desk.clock.now())
            other = pool.submit(replace_rules, slower, [theirs], actor="kim")
            # However slow the machine: waiting too shortly can only hide a fault, never report one that is not there.
            wait([other], timeout=0.5)
        assert other.result(timeout=60) == before + 2

    with world.database.read() as tx:
        assert {mine, theirs} <= set(load(tx, desk.connection_id).rules)
        assert [one.by for one in versions.history(tx, desk.connection_id, 2)] == ["kim", "robin"]


def test_any_earlier_version_can_be_found_compared_and_restored(waiting: World) -> None:
    desk, start = waiting.desk(), version(waiting)
    books = load_books(desk)
    for target in ("55", "56"):
        set_rule(desk, rule_for_code(books, Dimension.ACCOUNT, "6470", target), actor="robin")
    with waiting.database.read() as tx:
        (change,) = versions.compare(tx, desk.connection_id, start + 1, start + 2)
        before = set(versions.rules_at(tx, desk.connection_id, start))
    assert (change.before.target_id, change.after.target_id) == ("55", "56")  # type: ignore[union-attr]

    now = versions.restore(desk, start, actor="kim", reason="it was right")

    with waiting.database.read() as tx:
        assert set(load(tx, desk.connection_id).rules) == before
        newest = versions.history(tx, desk.connection_id, 1)[0]
    assert (now, newest.by, newest.reason) == (start + 3, "kim", f"back to version {start}: it was right")


def test_two_versions_differ_by_what_their_rules_do_however_often_these_were_changed(waiting: World) -> None:
    desk, start = waiting.desk(), version(waiting)
    books = load_books(desk)
    for code, target in (("6470", "55"), ("6480", "55"), ("6470", "56"), ("6480", "56"), ("6480", "55")):
        set_rule(desk, rule_for_code(books, Dimension.ACCOUNT, code, target), actor="robin")
    versions.restore(desk, start + 1, actor="kim", reason="they were not wanted")

    numbers = range(start, version(waiting) + 1)
    with waiting.database.read() as tx:
        rules = {one: {rule.id: rule for rule in versions.rules_at(tx, desk.connection_id, one)} for one in numbers}
        for older in numbers:
            for newer in numbers:
                found = {(one.before, one.after) for one in versions.compare(tx, desk.connection_id, older, newer)}
                had, has = rules[older], rules[newer]
                assert found == {(had.get(id_), has.get(id_)) for id_ in had | has if had.get(id_) != has.get(id_)}


def test_a_version_there_never_was_and_a_restore_without_a_reason_are_refused(waiting: World) -> None:
    with pytest.raises(MappingTableError, match="no version 999"):
        versions.restore(waiting.desk(), 999, actor="kim", reason="why")
    with pytest.raises(MappingTableError, match="Say why"):
        versions.restore(waiting.desk(), 0, actor="kim", reason=" ")


def test_rules_with_conditions_are_put_into_another_order(waiting: World) -> None:
    desk, books = waiting.desk(), load_books(waiting.desk())
    rules = [
        conditional_rule(books, Dimension.ACCOUNT, f"accountCode=9{number}00..9{number}99", "55", priority=number)
        for number in (1, 2, 3)
    ]
    replace_rules(desk, rules, actor="robin", why="ranges")

    assert move_rule(desk, rules[2].id, up=True, actor="robin")
    assert not move_rule(desk, rules[0].id, up=True, actor="robin")

    with waiting.database.read() as tx:
        order = [rule.id for rule in load(tx, desk.connection_id).rules if rule.conditions]
    assert order == [rules[0].id, rules[2].id, rules[1].id]


def test_proposals_are_accepted_as_one_change(world: World) -> None:
    replace_rules(world.desk(), [], actor="robin", why="empty", whole=True)
    world.approve(invoice("N-1"))
    world.run([Step.INTAKE])
    desk, before = world.desk(), version(world)
    found = [one for one in proposals(desk) if one.confidence == "certain"]

    assert accept(desk, found, actor="robin") == len(found) > 1
    assert version(world) == before + 1


def test_a_list_that_changed_is_read_again_and_one_that_did_not_is_not(waiting: World) -> None:
    kept, desk = KeptBooks(), waiting.desk()
    first = kept.of(desk)
    assert kept.of(desk) is first

    waiting.act("rename", entity="Account", id="55", name="Stationery")
    refresh_lists(desk, thorough=True)

    assert "Stationery" in kept.of(desk).accounts["55"].label
