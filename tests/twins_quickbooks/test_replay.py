"""Request ids: what is answered from memory, and what became of work whose answer never came."""

import pickle

import pytest

from twins.faults import BodyForm, FaultInjector, FaultKind, FaultRule
from twins.http import LostAnswerError

pytestmark = pytest.mark.row("Q4")


class Unlucky:
    """Sends through bad luck, and can look into the books behind it."""

    def __init__(self, qbo):
        self.qbo = qbo
        self.faults = FaultInjector(qbo.twin, qbo.clock)

    def strike(self, **rule):
        self.faults.add(FaultRule(**rule))

    def post(self, **query):
        twin, self.qbo.twin = self.qbo.twin, self.faults
        try:
            return self.qbo.raw("POST", "bill", self.qbo.bill(DocNumber="N-1"), **query)
        finally:
            self.qbo.twin = twin

    @property
    def bills(self):
        return [each["DocNumber"] for each in self.qbo.twin.books(self.qbo.realm)["Bill"]]


@pytest.fixture
def unlucky(qbo):
    return Unlucky(qbo)


def test_a_write_whose_answer_was_lost_is_answered_from_memory_when_repeated(unlucky):
    unlucky.strike(kind=FaultKind.LOST_AFTER, path="/bill$")
    with pytest.raises(LostAnswerError):
        unlucky.post(requestid="r-1")
    assert unlucky.bills == ["N-1"]
    assert unlucky.post(requestid="r-1").status == 200
    assert unlucky.bills == ["N-1"]


def test_without_a_request_id_the_repetition_is_a_second_write(unlucky):
    unlucky.qbo.act("set_preference", path="OtherPrefs.WarnDuplicateBillNumber", value=False)
    unlucky.strike(kind=FaultKind.LOST_AFTER, path="/bill$")
    with pytest.raises(LostAnswerError):
        unlucky.post()
    assert unlucky.post().status == 200
    assert unlucky.bills == ["N-1", "N-1"]


def test_a_500_after_the_work_was_done_hides_a_bill(unlucky):
    unlucky.strike(kind=FaultKind.STATUS, status=500, body=BodyForm.XML, committed=True)
    assert unlucky.post(requestid="r-1").status == 500
    assert unlucky.bills == ["N-1"]
    assert unlucky.post(requestid="r-1").status == 200
    assert unlucky.bills == ["N-1"]


def test_a_500_before_the_work_leaves_nothing(unlucky):
    unlucky.strike(kind=FaultKind.STATUS, status=500)
    assert unlucky.post(requestid="r-1").status == 500
    assert unlucky.bills == []
    assert unlucky.post(requestid="r-1").status == 200
    assert unlucky.bills == ["N-1"]


def test_a_slow_answer_comes_after_the_work_was_done(unlucky):
    unlucky.strike(kind=FaultKind.SLOW, delay=121)
    assert unlucky.post(requestid="r-1").delay == 121
    assert unlucky.bills == ["N-1"]


def test_a_request_that_arrives_twice_is_done_once(unlucky):
    unlucky.strike(kind=FaultKind.DUPLICATE)
    assert unlucky.post(requestid="r-1").status == 200
    assert unlucky.bills == ["N-1"]


def test_ids_of_one_company_are_nothing_to_another(qbo, second_company):
    qbo.post("Bill", qbo.bill(), requestid="r-1")
    second_company.post("Bill", second_company.bill(), requestid="r-1")
    assert len(qbo.twin.books(second_company.realm)["Bill"]) == 1


def test_an_id_is_used_up_for_every_kind_of_request(qbo):
    bill = qbo.raw("POST", "bill", qbo.bill(), requestid="r-1")
    assert qbo.raw("POST", "vendor", {"DisplayName": "New"}, requestid="r-1").body == bill.body


def test_an_empty_id_is_none(qbo):
    qbo.post("Bill", qbo.bill(), requestid="")
    qbo.post("Bill", qbo.bill(), requestid="")
    assert len(qbo.twin.books(qbo.realm)["Bill"]) == 2


def test_ids_mean_nothing_to_reads(qbo):
    assert qbo.call("POST", "query", b"select count(*) from Bill", requestid="r-1")[1]["QueryResponse"] == {
        "totalCount": 0
    }
    qbo.post("Bill", qbo.bill(), requestid="r-1")
    assert qbo.call("POST", "query", b"select count(*) from Bill", requestid="r-1")[1]["QueryResponse"] == {
        "totalCount": 1
    }


def test_answers_can_be_forgotten_after_a_while(qbo):
    qbo.twin.switches.request_ids_kept_seconds = 3600
    qbo.post("Bill", qbo.bill(), requestid="r-1")
    qbo.clock.advance(3599)
    qbo.refresh()
    qbo.post("Bill", qbo.bill(), requestid="r-1")
    assert len(qbo.twin.books(qbo.realm)["Bill"]) == 1
    qbo.clock.advance(1)
    qbo.post("Bill", qbo.bill(), requestid="r-1")
    assert len(qbo.twin.books(qbo.realm)["Bill"]) == 2


def test_a_deletion_is_replayed_though_the_bill_is_gone(qbo):
    bill = qbo.post("Bill", qbo.bill())
    stub = {"Id": bill["Id"], "SyncToken": "0"}
    first = qbo.raw("POST", "bill", stub, operation="delete", requestid="r-1")
    assert qbo.raw("POST", "bill", stub, operation="delete", requestid="r-1").body == first.body
    assert qbo.raw("POST", "bill", stub, operation="delete", requestid="r-2").status == 400


def test_a_company_that_could_not_be_reached_does_not_use_up_the_id(qbo):
    qbo.twin.switches.company_state = "maintenance"
    assert qbo.code("Bill", qbo.bill(), requestid="r-1") == "150"
    qbo.twin.switches.company_state = "open"
    qbo.post("Bill", qbo.bill(), requestid="r-1")


def test_a_company_that_cannot_be_reached_remembers_nothing_either(qbo):
    first = qbo.raw("POST", "bill", qbo.bill(), requestid="r-1")
    qbo.twin.switches.company_state = "maintenance"
    assert qbo.code("Bill", qbo.bill(), requestid="r-1") == "150"
    qbo.twin.switches.company_state = "open"
    assert qbo.raw("POST", "bill", qbo.bill(), requestid="r-1").body == first.body


def test_a_repeated_request_id_brings_the_same_bytes_and_does_nothing(qbo):
    first = qbo.raw("POST", "bill", qbo.bill(), requestid="r-1")
    qbo.clock.advance(3)
    second = qbo.raw("POST", "bill", qbo.bill(), requestid="r-1")
    assert second.body == first.body
    assert len(qbo.twin.books(qbo.realm)["Bill"]) == 1
    assert qbo.raw("POST", "bill", qbo.bill(), requestid="r-2").body != first.body


def test_a_refusal_is_replayed_as_well_unless_switched_off(qbo):
    bad = qbo.bill(vendor="999")
    assert qbo.code("Bill", bad, requestid="r-1") == "2500"
    assert qbo.code("Bill", qbo.bill(), requestid="r-1") == "2500"
    qbo.twin.switches.replay_faults = False
    assert qbo.code("Bill", bad, requestid="r-2") == "2500"
    assert qbo.post("Bill", qbo.bill(), requestid="r-2")["TotalAmt"] == 100


def test_a_request_id_with_another_body_can_be_refused_with_600(qbo):
    qbo.twin.switches.refuse_changed_request = True
    qbo.post("Bill", qbo.bill(), requestid="r-1")
    assert qbo.code("Bill", qbo.bill(qbo.line(7)), requestid="r-1") == "600"


def test_request_ids_are_at_most_50_characters(qbo):
    assert qbo.code("Bill", qbo.bill(), requestid="x" * 51) == "2130"
    qbo.post("Bill", qbo.bill(), requestid="x" * 50)


def test_a_refused_token_does_not_use_up_the_request_id(qbo):
    token, qbo.access_token = qbo.access_token, "nonsense"
    assert qbo.call("POST", "bill", qbo.bill(), requestid="r-1")[0] == 401
    qbo.access_token = token
    qbo.post("Bill", qbo.bill(), requestid="r-1")
    assert len(qbo.twin.books(qbo.realm)["Bill"]) == 1


def test_what_is_remembered_survives_the_twin_being_put_aside(qbo):
    first = qbo.raw("POST", "bill", qbo.bill(), requestid="r-1")
    qbo.twin = pickle.loads(pickle.dumps(qbo.twin))
    assert qbo.raw("POST", "bill", qbo.bill(), requestid="r-1").body == first.body
    assert qbo.twin.meter.report()[0]["core"] == 1
