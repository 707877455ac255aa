"""What became of our answers: asked for in few calls until it is known, shown where people look, acknowledged when finished."""

import pytest

from ml_connector.basware.errors import ScopeMissing
from ml_connector.model.holds import Cause
from ml_connector.rules.causes import describe
from ml_connector.store import jobs, notices, outcome_lists
from ml_connector.store import outcomes as store
from ml_connector.store.notices import NewNotice
from ml_connector.store.schema import RequestState, System
from ml_connector.work import decisions
from ml_connector.work.feeds import request_status
from ml_connector.work.feeds.outcome_views import outcome_lines
from ml_connector.work.jobs import Job
from ml_connector.work.p2p_settings import OutcomesFeed
from ml_connector.work.views import document_view
from paperwork import invoice, line
from twins.faults import FaultKind, FaultRule

STATUS = "/v1/requestStatus"
FEEDBACKS = "/v1/errorFeedbacks"


def post_invoices(office, *numbers):
    """Invoices approved, posted and answered."""
    for number in numbers:
        office.world.approve(invoice(number, line("40.00")))
    office.world.settle()


def refuse_answers(office, message="Voucher series is closed", **details):
    office.world.basware.act("refuse_imports", message=message, entity_type="TransferResponse", **details)


def lines(office):
    return {one.invoice_number: one for one in outcome_lines(office.world.desk())}


def states(office):
    return {number: one.state for number, one in lines(office).items()}


def history(office, number):
    view = document_view(office.world.desk(), office.world.row(number))
    return [event.action for event in view.history]


def test_an_answer_that_was_processed_is_known_after_half_a_minute_and_asked_about_no_more(office):
    post_invoices(office, "A-1")
    office.do(Job.OUTCOMES)
    assert office.calls(STATUS) == 0

    office.world.clock.advance(31)
    report = office.do(Job.OUTCOMES)

    assert states(office) == {"A-1": "done"}
    assert report.again_at is None
    assert "answer processed by Basware" in history(office, "A-1")
    calls = office.calls(STATUS)
    office.world.clock.advance(3600)
    office.do(Job.OUTCOMES)
    assert office.calls(STATUS) == calls


def test_sixty_answers_are_asked_about_in_one_call_and_acknowledged_in_one(office):
    post_invoices(office, *(f"A-{number}" for number in range(60)))
    office.world.clock.advance(31)

    office.do(Job.OUTCOMES)

    assert set(states(office).values()) == {"done"}
    assert office.calls(STATUS) == 1
    assert office.calls(f"{STATUS}/acknowledge", "POST") == 1


def test_while_p2p_is_slow_the_distance_grows_from_half_a_minute_to_five(office):
    office.world.basware.switches.processing_seconds = 3600
    post_invoices(office, "A-1")
    distances = []
    for _ in range(7):
        report = office.do(Job.OUTCOMES)
        distances.append(round((report.again_at - office.world.clock.now()).total_seconds()))
        office.world.clock.move_to(report.again_at)

    assert distances == [30, 60, 120, 240, 300, 300, 300]
    office.world.clock.advance(3600)
    office.do(Job.OUTCOMES)
    assert states(office) == {"A-1": "done"}


def test_any_number_of_open_answers_is_asked_about_a_page_at_a_time(office, monkeypatch):
    office.world.basware.switches.processing_seconds = 3600
    monkeypatch.setattr(request_status, "_AT_ONCE", 3)
    post_invoices(office, *(f"A-{number}" for number in range(8)))
    office.world.clock.advance(31)
    report = office.do(Job.OUTCOMES)
    assert (report.counts["asked"], report.counts["open"], office.calls(STATUS)) == (8, 8, 1)
    with office.world.database.read() as tx:
        asked = [row.asked for row in outcome_lists.listing(tx, office.world.connection_id)]
    assert asked == [1] * 8

    office.world.clock.advance(3600)
    office.do(Job.OUTCOMES)
    assert set(states(office).values()) == {"done"}


def test_not_being_known_right_after_the_request_is_no_answer(office):
    office.world.basware.switches.request_status_delay_seconds = 200
    post_invoices(office, "A-1")
    office.world.clock.advance(31)
    office.do(Job.OUTCOMES)
    assert states(office) == {"A-1": "open"}

    office.world.clock.advance(200)
    office.do(Job.OUTCOMES)

    assert states(office) == {"A-1": "done"}


def test_an_answer_p2p_refuses_afterwards_holds_its_document_with_reason_and_way_out(office):
    refuse_answers(office, times=1, category="DataValidation")
    post_invoices(office, "A-1")
    assert office.world.state("A-1") == "confirmed"
    office.world.clock.advance(31)

    office.do(Job.OUTCOMES)

    assert (office.world.state("A-1"), office.world.causes("A-1")) == ("held", [Cause.ANSWER_REFUSED])
    told = describe(office.world.row("A-1").holds[0])
    assert "Voucher series is closed" in told.sentence
    shown = lines(office)["A-1"]
    assert (shown.state, shown.category, shown.source) == ("failed", "DataValidation", "requestStatus")
    assert "holds retry" in shown.what_to_do
    assert [kind for kind, _ in office.alerts()] == ["not processed by Basware"]
    assert "answer not processed by Basware" in history(office, "A-1")
    office.world.only_transaction("A-1")


def test_sent_again_by_basware_it_is_answered_anew_and_the_alert_goes(office):
    refuse_answers(office, times=1)
    post_invoices(office, "A-1")
    office.world.clock.advance(31)
    office.do(Job.OUTCOMES)

    office.world.send_again("A-1")
    office.world.settle()
    office.world.clock.advance(31)
    office.do(Job.OUTCOMES)

    assert office.world.state("A-1") == "confirmed"
    assert [one.state for one in outcome_lines(office.world.desk())] == ["failed", "done"]
    assert [one.invoice_number for one in outcome_lines(office.world.desk(), text="a-1")] == ["A-1", "A-1"]
    assert outcome_lines(office.world.desk(), text="no such number") == []
    assert office.alerts() == []
    office.world.only_transaction("A-1")


def test_tried_again_while_basware_holds_it_as_transferred_it_stays_held(office):
    refuse_answers(office, times=1)
    post_invoices(office, "A-1")
    office.world.clock.advance(31)
    office.do(Job.OUTCOMES)

    decisions.retry(office.world.desk(), [office.world.row("A-1")], actor="Dana")
    office.world.settle()

    assert office.world.causes("A-1") == [Cause.ANSWER_REFUSED]
    office.world.only_transaction("A-1")


def test_a_document_that_a_person_handles_elsewhere_needs_no_alert(office):
    refuse_answers(office, times=1)
    post_invoices(office, "A-1")
    office.world.clock.advance(31)
    office.do(Job.OUTCOMES)
    decisions.ignore(office.world.desk(), office.world.row("A-1"), reason="entered by hand", actor="Dana")

    office.do(Job.OUTCOMES)

    assert office.alerts() == []


def test_a_warning_becomes_a_note_and_holds_nothing(office):
    refuse_answers(office, message="Payment block was ignored", outcome="Warning", category="DataValidation")
    post_invoices(office, "A-1")
    office.world.clock.advance(31)

    office.do(Job.OUTCOMES)

    assert office.world.state("A-1") == "confirmed"
    assert "Payment block was ignored" in office.world.row("A-1").note
    assert states(office) == {"A-1": "done"}
    assert office.alerts() == []


def test_an_old_refusal_does_not_disturb_a_document_that_was_sent_again_meanwhile(office):
    refuse_answers(office, times=1)
    post_invoices(office, "A-1")
    office.world.send_again("A-1")
    office.world.settle()
    office.world.clock.advance(31)

    office.do(Job.OUTCOMES)

    assert office.world.state("A-1") == "confirmed"
    assert office.alerts() == []  # the second answer went through


def test_an_answer_whose_own_answer_got_lost_is_found_by_its_code(office):
    office.world.basware_faults.add(FaultRule(kind=FaultKind.LOST_AFTER, path="/transferResponses$"))
    post_invoices(office, "A-1", "A-2")
    office.world.clock.advance(61)

    office.do(Job.OUTCOMES)

    assert set(states(office).values()) == {"done"}
    assert all(one.request_id for one in lines(office).values())


def test_an_answer_the_network_delivered_twice_is_found_although_we_know_the_second_request_only(office):
    office.world.basware_faults.add(FaultRule(kind=FaultKind.DUPLICATE, path="/transferResponses$"))
    post_invoices(office, "A-1")
    for _ in range(2):
        office.world.clock.advance(61)
        office.do(Job.OUTCOMES)

    assert states(office) == {"A-1": "done"}


def test_a_notification_is_followed_at_once(office):
    post_invoices(office, "A-1")
    request_id = lines(office)["A-1"].request_id
    announced = NewNotice(
        system=System.BASWARE, event_id="t-1", entity="RequestStatus", entity_id=request_id, operation="Success"
    )
    with office.world.database.write() as tx:
        notices.add_many(tx, office.world.connection_id, [announced], office.world.clock.now())

    office.do(Job.OUTCOMES)

    assert states(office) == {"A-1": "done"}
    assert office.calls(f"{STATUS}/{request_id}") == 1


def test_after_a_day_without_a_word_a_person_is_told_once(office):
    office.world.basware.switches.request_status_delay_seconds = 10 * 86_400
    post_invoices(office, "A-1")
    for _ in range(3):
        office.world.clock.advance(43_300)
        office.do(Job.OUTCOMES)

    assert states(office) == {"A-1": "unheard"}
    assert office.world.state("A-1") == "confirmed"
    assert [kind for kind, _ in office.alerts()] == ["not processed by Basware"]


def test_our_own_finished_requests_leave_baswares_default_list_and_nobody_elses(office):
    refuse_answers(office, times=1)
    post_invoices(office, "A-1")
    office.post(
        "/v1/vendors", [{"externalCode": "E-1", "vendorCode": "V", "name": "x", "companies": [{"companyCode": "ZZ"}]}]
    )
    office.world.clock.advance(31)

    office.do(Job.OUTCOMES)

    by_type = {one.entity_type: one.acknowledged for one in office.tenant.intake.requests.values()}
    assert by_type == {"TransferResponse": True, "Vendor": False}


def test_one_request_acknowledged_by_somebody_else_keeps_no_other_from_it(office):
    post_invoices(office, *(f"A-{number}" for number in range(9)))
    office.world.clock.advance(31)
    office.world.basware_faults.add(FaultRule(kind=FaultKind.STATUS, status=500, path="/acknowledge$", method="POST"))
    office.do(Job.OUTCOMES)
    first = next(iter(office.tenant.intake.requests.values()))
    first.acknowledged = True

    office.do(Job.OUTCOMES)

    assert all(one.acknowledged for one in office.tenant.intake.requests.values())
    with office.world.database.read() as tx:
        assert store.unacknowledged(tx, office.world.connection_id, 100) == []


def test_two_connections_of_one_tenant_hear_of_their_own_answers_only(office):
    berlin = office.second_connection("berlin", "DE20")
    post_invoices(office, "A-1")
    office.world.clock.advance(31)

    berlin.do(Job.OUTCOMES)
    assert not any(one.acknowledged for one in office.tenant.intake.requests.values())

    office.do(Job.OUTCOMES)
    assert states(office) == {"A-1": "done"}
    assert outcome_lines(berlin.world.desk()) == []


def test_the_older_error_feedbacks_tell_what_request_status_left_open(office):
    refuse_answers(office, times=1)
    post_invoices(office, "A-1")
    office.world.basware_faults.add(FaultRule(kind=FaultKind.STATUS, status=404, path=STATUS, method="GET", times=None))
    office.world.clock.advance(31)
    office.do(Job.OUTCOMES)

    assert lines(office)["A-1"].source == "errorFeedbacks"
    assert office.world.causes("A-1") == [Cause.ANSWER_REFUSED]


def test_what_request_status_said_is_not_said_twice(office):
    refuse_answers(office, times=1)
    post_invoices(office, "A-1", "A-2")
    office.world.clock.advance(31)
    for _ in range(3):
        office.do(Job.OUTCOMES)
        office.world.clock.advance(3700)

    assert (
        history(office, "A-1").count("answer not processed by Basware")
        + history(office, "A-2").count("answer not processed by Basware")
        == 1
    )
    assert office.calls(FEEDBACKS) == 0  # nothing was left open


def test_without_the_right_to_request_status_the_older_interface_still_tells_and_the_job_says_what_is_missing(office):
    office.tenant.scopes = office.tenant.scopes - {"requestStatus.read"}
    refuse_answers(office, times=1)
    post_invoices(office, "A-1")
    with office.world.database.write() as tx:  # asked once before the right was withdrawn
        (row,) = outcome_lists.listing(tx, office.world.connection_id, states=[RequestState.OPEN])
        store.ask_again(tx, office.world.connection_id, row.id, asked=1, next_at=office.world.clock.now())

    with pytest.raises(ScopeMissing):
        office.do(Job.OUTCOMES)

    assert office.world.causes("A-1") == [Cause.ANSWER_REFUSED]


@pytest.mark.parametrize("scope", ["errorFeedbacks.read", "requestStatus.write"])
def test_a_right_that_is_not_essential_is_missed_in_words_only(office, scope):
    office.tenant.scopes = office.tenant.scopes - {scope}
    office.world.basware.switches.processing_seconds = 60
    post_invoices(office, "A-1")
    office.world.clock.advance(31)
    first = office.do(Job.OUTCOMES)
    office.world.clock.advance(61)
    second = office.do(Job.OUTCOMES)

    assert states(office) == {"A-1": "done"}
    assert "not read" in first.outcome or "not acknowledged" in second.outcome


def test_a_damaged_list_is_made_up_for_by_asking_one_by_one(office):
    post_invoices(office, "A-1", "A-2", "A-3")
    office.world.clock.advance(31)
    office.world.basware_faults.add(FaultRule(kind=FaultKind.TRUNCATED, path="/v1/requestStatus$"))

    office.do(Job.OUTCOMES)

    assert set(states(office).values()) == {"done"}


def test_words_nobody_knows_are_kept_and_asked_about_again(office):
    post_invoices(office, "A-1")
    rule = office.world.basware_faults.add(
        FaultRule(kind=FaultKind.UNKNOWN_VALUES, path=STATUS, fields=("requestStatus",), value="Pondering", times=None)
    )
    office.world.clock.advance(31)
    office.do(Job.OUTCOMES)
    assert states(office) == {"A-1": "open"}

    office.world.basware_faults.remove(rule)
    office.world.clock.advance(61)
    office.do(Job.OUTCOMES)
    assert states(office) == {"A-1": "done"}


def test_switched_off_nothing_is_asked_and_the_answers_are_still_noted(office):
    office.settings(outcomes=OutcomesFeed(enabled=False))
    post_invoices(office, "A-1")

    assert states(office) == {"A-1": "open"}
    assert office.calls(STATUS) == 0


def test_answering_has_the_outcomes_asked_for_half_a_minute_later_whatever_the_plan_says(office):
    post_invoices(office, "A-1")

    with office.world.database.read() as tx:
        again_at = jobs.get(tx, office.world.connection_id, Job.OUTCOMES).again_at
    assert again_at is not None
    assert 25 <= (again_at - office.world.clock.now()).total_seconds() <= 30


def test_a_token_outlives_many_jobs(office):
    post_invoices(office, "A-1")
    office.world.clock.advance(31)
    office.do(Job.OUTCOMES)
    before = office.world.basware.calls["tokens"]

    for _ in range(5):
        office.world.clock.advance(60)
        desk = office.world.app.desk(office.world.connection, job=Job.ORDERS)
        assert desk.feeds.exported_order("nothing") is None
        desk.close()

    assert office.world.basware.calls["tokens"] == before, (
        "the look for orders of other companies signed in with it already"
    )
