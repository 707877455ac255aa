"""Giving Basware records to hold: only what differs, in few calls, and each record's fate known in the end."""

import pytest

from ml_connector.basware.errors import CredentialsRejected, Throttled
from ml_connector.basware.master_data import RESOURCES
from ml_connector.model.holds import Cause
from ml_connector.store import outgoing_calls
from twins.faults import FaultKind, FaultRule

pytestmark = pytest.mark.both_databases

ACCOUNTS = "/v1/accounts"


def test_a_record_is_in_basware_once_purchase_to_pay_said_so_and_not_before(sender):
    sender.plan(sender.account("7"))

    assert sender.send().taken == 1
    assert sender.states() == {"7": "sent"}

    sender.hear()

    assert sender.states() == {"7": "done"}
    assert sender.in_p2p["7"]["accountCode"] == "N7"
    assert sender.open_requests() == 0


def test_what_basware_has_is_not_sent_again_and_a_change_is(sender):
    sender.plan(sender.account("7"), sender.account("8"))
    sender.send()
    sender.hear()

    sender.plan(sender.account("7"), sender.account("8"))
    assert sender.send().calls == 0

    sender.plan(sender.account("7", "Paper"), sender.account("8"))
    assert sender.send().taken == 1
    sender.hear()

    assert sender.in_p2p["7"]["accountNames"][0]["translation"] == "Paper"
    assert sender.posts() == 2


def test_many_records_take_as_few_calls_as_the_limit_allows(sender):
    sender.plan(*(sender.account(f"{number}") for number in range(1201)))

    assert sender.send().calls == 3
    sender.hear()

    assert set(sender.states().values()) == {"done"}
    assert {str(number) for number in range(1201)} <= set(sender.in_p2p)


def test_a_record_the_interface_names_is_set_aside_and_the_others_go(sender):
    bad = sender.account("8", accountCode="8" * 26)
    sender.plan(sender.account("7"), bad, sender.account("9"))

    sent = sender.send()
    sender.hear()

    assert (sent.taken, sent.refused) == (2, 1)
    assert sender.states() == {"7": "done", "8": "refused", "9": "done"}
    assert [hold.cause for hold in sender.rows()["8"].holds] == [Cause.RECORD_REFUSED]


def test_a_refusal_that_names_no_record_is_taken_apart_until_it_is_found(sender):
    sender.plan(*(sender.account(f"{number}") for number in range(8)))
    sender.world.basware_faults.add(FaultRule(kind=FaultKind.STATUS, path=ACCOUNTS, status=400, text="{}", times=1))

    sent = sender.send()
    sender.hear()

    assert (sent.calls, sent.taken) == (3, 8)
    assert set(sender.states().values()) == {"done"}


def test_what_purchase_to_pay_refuses_is_held_with_its_words_and_stays_so_until_it_changes(sender):
    sender.world.basware.act(
        "refuse_imports", message="Account is locked", entity_type="Account", external_code="8", times=1
    )
    sender.plan(sender.account("7"), sender.account("8"))
    sender.send()
    sender.hear()

    row = sender.rows()["8"]
    assert (row.state.value, row.problem) == ("refused", "Account is locked")
    assert sender.states()["7"] == "done"

    sender.plan(sender.account("8"))
    assert sender.send().calls == 0

    sender.plan(sender.account("8", "Another name"))
    sender.send()
    sender.hear()
    assert sender.states()["8"] == "done"


def test_a_person_tries_a_refused_record_again_and_basware_takes_it_for_something_new(sender):
    sender.world.basware.act("refuse_imports", message="Company is closed", entity_type="Account", times=1)
    sender.plan(sender.account("8"))
    sender.send()
    sender.hear()

    with sender.world.database.write() as tx:
        outgoing_calls.retry(tx, sender.world.connection_id, "accounts", ["8"], sender.world.clock.now())
    sender.send()
    sender.hear()

    assert sender.states() == {"8": "done"}
    assert sender.in_p2p["8"]["text5"] == "1"


def test_a_technical_error_of_baswares_is_tried_again_by_itself(sender):
    sender.world.basware.act("refuse_imports", message="Timeout", entity_type="Account", category="Technical", times=1)
    sender.plan(sender.account("8"))
    sender.send()
    sender.hear()

    due = sender.rows()["8"].next_at
    assert due is not None
    assert sender.send().calls == 0

    sender.world.clock.advance(601)
    assert sender.send().taken == 1
    sender.hear()
    assert sender.states() == {"8": "done"}


@pytest.mark.parametrize("kind", [FaultKind.LOST_BEFORE, FaultKind.LOST_AFTER])
def test_a_lost_answer_is_found_out_about_and_nothing_is_guessed(sender, kind):
    sender.world.basware_faults.add(FaultRule(kind=kind, path=ACCOUNTS, method="POST"))
    sender.plan(sender.account("7"))

    assert sender.send().unclear == 1
    assert sender.states() == {"7": "sent"}

    for _ in range(3):
        sender.hear()
    arrived = kind is FaultKind.LOST_AFTER
    assert sender.states() == {"7": "done" if arrived else "sent"}
    if not arrived:
        sender.hear(90_000)
        assert sender.states() == {"7": "ready"}
        sender.send()
        sender.hear()
    assert sender.states() == {"7": "done"}
    assert sender.in_p2p["7"]["accountCode"] == "N7"


def test_a_call_that_was_lost_after_it_failed_does_not_count_as_done(sender):
    sender.world.basware.act("refuse_imports", message="No such company", entity_type="Account", times=1)
    sender.world.basware_faults.add(FaultRule(kind=FaultKind.LOST_AFTER, path=ACCOUNTS, method="POST"))
    sender.plan(sender.account("7"))
    sender.send()
    for _ in range(3):
        sender.hear()

    assert sender.states() == {"7": "refused"}


def test_another_programs_request_about_some_of_the_records_says_nothing_of_a_call_that_was_lost(sender):
    sender.world.basware_faults.add(FaultRule(kind=FaultKind.LOST_BEFORE, path=ACCOUNTS, method="POST"))
    sender.plan(sender.account("7"), sender.account("8"))
    sender.send()
    sender.world.clock.advance(5)
    sender.post_elsewhere(sender.account("8"))
    for _ in range(3):
        sender.hear()

    assert sender.states() == {"7": "sent", "8": "sent"}

    sender.hear(90_000)
    sender.send()
    sender.hear()
    assert sender.states() == {"7": "done", "8": "done"}
    assert sender.in_p2p["7"]["accountCode"] == "N7"


def test_a_change_made_while_a_call_is_under_way_is_sent_after_it(sender):
    sender.plan(sender.account("7"))
    sender.send()
    sender.plan(sender.account("7", "Newer name"))

    assert sender.states() == {"7": "ready"}
    sender.world.clock.advance(5)
    sender.send()
    sender.hear()

    assert sender.states() == {"7": "done"}
    assert sender.in_p2p["7"]["accountNames"][0]["translation"] == "Newer name"


def test_a_pause_basware_asks_for_leaves_everything_ready(sender):
    sender.world.basware_faults.add(FaultRule(kind=FaultKind.STATUS, path=ACCOUNTS, status=429, retry_after=900))
    sender.plan(sender.account("7"))

    with pytest.raises(Throttled):
        sender.send()

    assert sender.states() == {"7": "ready"}
    assert sender.open_requests() == 0


def test_a_sign_in_basware_refuses_leaves_everything_ready_and_nobody_waits_for_an_outcome(sender):
    sender.plan(sender.account("7"))
    rule = sender.world.basware_faults.add(FaultRule(kind=FaultKind.STATUS, path=ACCOUNTS, status=401, times=None))

    with pytest.raises(CredentialsRejected):
        sender.send()

    assert sender.states() == {"7": "ready"}
    assert sender.open_requests() == 0
    sender.world.basware_faults.remove(rule)
    assert sender.send().taken == 1


def test_the_sending_job_is_due_as_soon_as_everything_sent_was_heard_of(sender):
    sender.plan(sender.account("7"))
    sender.send()
    sender.hear()

    assert sender.due() is not None
    assert sender.due() <= sender.world.clock.now()


@pytest.mark.parametrize("name", sorted(RESOURCES))
def test_the_limits_are_those_of_baswares_own_lists(name):
    from twins.basware.resources import BY_NAME

    theirs = BY_NAME[name]
    ours = RESOURCES[name]

    assert (ours.most, ours.entity_type) == (theirs.records, theirs.entity_type)
    assert ours.path.split("/")[1:] == [part for part in theirs.path if part != "*"]
