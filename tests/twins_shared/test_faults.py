"""Bad luck strikes what it should, as often as it should, and the work is done or not as it says."""

import gzip
import re
from decimal import Decimal

import msgspec
import pytest

from twins.basware.manners import BaswareManners
from twins.faults import BodyForm, FaultInjector, FaultKind, FaultRule
from twins.http import LostAnswerError, Request, Response
from twins.quickbooks.manners import QuickBooksManners


@pytest.fixture
def unlucky(till, clock):
    return FaultInjector(till, clock)


def fates(unlucky, requests):
    """Per request: its status, or how it was lost."""
    outcome = []
    for request in requests:
        try:
            outcome.append(unlucky.handle(request).status)
        except LostAnswerError as lost:
            outcome.append("lost after" if lost.committed else "lost before")
    return outcome


@pytest.mark.row("Q4")
@pytest.mark.parametrize(("kind", "done"), [(FaultKind.LOST_BEFORE, 0), (FaultKind.LOST_AFTER, 1)])
def test_a_lost_answer_leaves_the_work_undone_or_done(unlucky, till, paying, kind, done):
    unlucky.add(FaultRule(kind=kind))
    assert fates(unlucky, [paying(), paying()]) == [kind.value, 200]
    assert len(till.taken) == done + 1


def test_without_rules_nothing_changes(unlucky, till, paying):
    assert unlucky.handle(paying()).body == b'{"taken":1,"price":12.50,"lines":[{"id":1}]}'


def test_a_rule_strikes_only_what_it_is_about(unlucky, paying):
    unlucky.add(
        FaultRule(kind=FaultKind.STATUS, method="post", path="^/pay$", host="till", contains="dear", times=None)
    )
    requests = [
        paying(body=b"so dear"),
        paying(body=b"cheap"),
        paying(path="/pay/more", body=b"dear"),
        paying("PUT", body=b"dear"),
        paying(host="bank.test", body=b"dear"),
    ]
    assert fates(unlucky, requests) == [500, 200, 200, 200, 200]


def test_a_rule_starts_at_the_nth_call_and_ends_after_so_many(unlucky, paying):
    name = unlucky.add(FaultRule(kind=FaultKind.LOST_BEFORE, nth=2, times=2))
    assert fates(unlucky, [paying()] * 5) == [200, "lost before", "lost before", 200, 200]
    assert unlucky.hits(name) == 2
    assert unlucky.report()[0]["seen"] == 5


def test_an_outage_ends_by_the_clock(unlucky, clock, paying):
    unlucky.add(FaultRule(kind=FaultKind.STATUS, status=503, times=None, lasts=60))
    first = fates(unlucky, [paying()])
    clock.advance(60)
    assert (first, fates(unlucky, [paying()])) == ([503], [200])


def test_chance_is_replayed_from_its_seed(till, clock, paying):
    def month(seed):
        unlucky = FaultInjector(till, clock, seed)
        unlucky.add(FaultRule(kind=FaultKind.LOST_BEFORE, probability=0.3, times=None))
        return fates(unlucky, [paying()] * 200)

    assert month(7) == month(7)
    assert month(7) != month(8)
    assert 30 < month(7).count("lost before") < 90


def test_the_first_due_rule_strikes_and_all_count(unlucky, paying):
    first = unlucky.add(FaultRule(kind=FaultKind.STATUS, status=500))
    second = unlucky.add(FaultRule(kind=FaultKind.STATUS, status=502, nth=2))
    assert fates(unlucky, [paying()] * 3) == [500, 502, 200]
    assert (unlucky.hits(first), unlucky.hits(second)) == (1, 1)


def test_rules_are_removed_one_by_one_or_all(unlucky, paying):
    name = unlucky.add(FaultRule(kind=FaultKind.STATUS, times=None))
    unlucky.add(FaultRule(kind=FaultKind.STATUS, status=502, times=None))
    unlucky.remove(name)
    assert fates(unlucky, [paying()]) == [502]
    unlucky.clear()
    assert fates(unlucky, [paying()]) == [200]
    with pytest.raises(KeyError):
        unlucky.remove(name)


@pytest.mark.row("Q4")
@pytest.mark.parametrize("committed", [False, True])
def test_a_false_status_may_hide_done_work(unlucky, till, paying, committed):
    unlucky.add(FaultRule(kind=FaultKind.STATUS, status=504, committed=committed))
    assert fates(unlucky, [paying()]) == [504]
    assert len(till.taken) == committed


@pytest.mark.parametrize(
    ("form", "content_type", "start"),
    [
        (BodyForm.JSON, "application/json", b'{"message"'),
        (BodyForm.XML, "application/xml", b"<?xml"),
        (BodyForm.HTML, "text/html", b"<html>"),
        (BodyForm.EMPTY, None, b""),
    ],
)
def test_a_false_status_comes_in_any_shape(unlucky, paying, form, content_type, start):
    unlucky.add(FaultRule(kind=FaultKind.STATUS, status=502, body=form))
    answer = unlucky.handle(paying())
    assert answer.headers.get("Content-Type") == content_type
    assert answer.body.startswith(start)
    assert bool(answer.body) is bool(start)


@pytest.mark.row("S35")
def test_a_false_status_may_carry_its_own_text_and_ask_to_wait(unlucky, paying):
    text = '{"Fault":{"type":"SERVICE"}}'
    unlucky.add(
        FaultRule(kind=FaultKind.STATUS, status=429, retry_after=30, text=text, content_type="application/json")
    )
    answer = unlucky.handle(paying())
    assert (answer.status, answer.headers["Retry-After"], answer.body.decode()) == (429, "30", text)


@pytest.mark.row("S35")
def test_a_slow_answer_is_right_but_late(unlucky, till, paying):
    unlucky.add(FaultRule(kind=FaultKind.SLOW, delay=45))
    answer = unlucky.handle(paying())
    assert (answer.status, answer.delay, len(till.taken)) == (200, 45, 1)


def test_a_truncated_answer_does_not_parse(unlucky, paying):
    unlucky.add(FaultRule(kind=FaultKind.TRUNCATED, keep=0.5))
    answer = unlucky.handle(paying())
    assert b'{"taken":1,"price":12.50,"lines":[{"id":1}]}'.startswith(answer.body)
    with pytest.raises(msgspec.DecodeError):
        msgspec.json.decode(answer.body)


def test_a_repeated_request_does_its_work_twice(unlucky, till, paying):
    unlucky.add(FaultRule(kind=FaultKind.DUPLICATE))
    assert unlucky.handle(paying()).body.startswith(b'{"taken":2')
    assert len(till.taken) == 2


@pytest.mark.row("S33", "Q16")
def test_unknown_fields_appear_everywhere_and_amounts_stay_exact(unlucky, paying):
    unlucky.add(FaultRule(kind=FaultKind.EXTRA_FIELDS, field="new"))
    body = unlucky.handle(paying()).body
    assert b'"price":12.50' in body
    found = msgspec.json.Decoder(float_hook=Decimal).decode(body)
    assert "new" in found
    assert "new" in found["lines"][0]


@pytest.mark.parametrize("changes", [{"nth": 0}, {"every": 0}, {"probability": 1.5}, {"keep": -1}, {"status": 42}])
def test_an_impossible_rule_is_refused(unlucky, changes):
    with pytest.raises(ValueError, match="fault rule"):
        unlucky.add(FaultRule(kind=FaultKind.SLOW, **changes))
    with pytest.raises(re.error):
        unlucky.add(FaultRule(kind=FaultKind.SLOW, path="("))
    assert unlucky.report() == []


def test_a_rule_may_strike_every_third_call_of_a_period(unlucky, clock, paying):
    unlucky.add(FaultRule(kind=FaultKind.STATUS, nth=2, every=3, times=None, after=60, lasts=60))
    before = fates(unlucky, [paying()] * 4)
    clock.advance(60)
    during = fates(unlucky, [paying()] * 9)
    clock.advance(60)
    after = fates(unlucky, [paying()] * 4)
    assert before == after == [200] * 4
    assert during == [200, 500, 200, 200, 500, 200, 200, 500, 200]


def test_an_answer_broken_off_announces_more_than_arrives(unlucky, till, paying):
    unlucky.add(FaultRule(kind=FaultKind.BROKEN_OFF, keep=0.25))
    answer = unlucky.handle(paying())
    assert (answer.cut, len(answer.body), len(till.taken)) == (11, 44, 1)
    unlucky.add(FaultRule(kind=FaultKind.BROKEN_OFF, keep=1))
    assert unlucky.handle(paying()).cut == 43, "something is always missing"


@pytest.mark.row("S33")
def test_unknown_values_appear_in_the_fields_named(clock, paying):
    body = b'{"status":"Open","amount":1.50,"lines":[{"status":"Done","note":"Open","kind":7}]}'
    unlucky = FaultInjector(Fixed(body), clock)
    unlucky.add(FaultRule(kind=FaultKind.UNKNOWN_VALUES, fields=("status", "kind"), value="Later"))
    expected = b'{"status":"Later","amount":1.50,"lines":[{"status":"Later","note":"Open","kind":7}]}'
    assert unlucky.handle(paying()).body == expected
    assert unlucky.handle(paying()).body == body, "the rule is over"


@pytest.mark.row("S33")
def test_null_fields_or_those_named_are_left_out(clock, paying):
    body = b'{"a":null,"b":1,"lines":[{"a":2,"c":null}]}'
    unlucky = FaultInjector(Fixed(body), clock)
    unlucky.add(FaultRule(kind=FaultKind.MISSING_FIELDS))
    unlucky.add(FaultRule(kind=FaultKind.MISSING_FIELDS, fields=("a",), nth=2))
    assert unlucky.handle(paying()).body == b'{"b":1,"lines":[{"a":2}]}'
    assert unlucky.handle(paying()).body == b'{"b":1,"lines":[{"c":null}]}'


class Fixed:
    """Always gives the same JSON."""

    def __init__(self, body):
        self.answer = Response(200, {"Content-Type": "application/json"}, body)
        self.asked = 0

    def handle(self, request):
        self.asked += 1
        return self.answer


# As each vendor's own


def call(method, path, body=b""):
    return Request.build(method, f"https://service.test{path}", (), body)


@pytest.mark.parametrize(
    ("request_made", "name"),
    [
        (call("GET", "/v3/company/1/query?query=select"), "query"),
        (call("POST", "/v3/company/1/batch"), "batch"),
        (call("GET", "/v3/company/1/cdc?entities=Bill"), "cdc"),
        (call("GET", "/v3/company/1/bill/7"), "bill.read"),
        (call("POST", "/v3/company/1/bill", b'{"Line":[]}'), "bill.create"),
        (call("POST", "/v3/company/1/bill", b'{"Id":"7","SyncToken":"0"}'), "bill.update"),
        (call("POST", "/v3/company/1/bill?operation=delete", b'{"Id":"7","SyncToken":"0"}'), "bill.delete"),
        (call("POST", "/v3/company/1/billpayment?include=void", b'{"Id":"7"}'), "billpayment.void"),
        (call("POST", "/oauth2/v1/tokens/bearer"), "sign-in.token"),
        (call("GET", "/elsewhere"), ""),
    ],
)
def test_quickbooks_operations_have_names(request_made, name):
    assert QuickBooksManners().operation(request_made) == name


@pytest.mark.parametrize(
    ("request_made", "name"),
    [
        (call("POST", "/v1/tokens"), "tokens.issue"),
        (call("GET", "/v1/accountingDocuments?pageSize=1"), "accountingDocuments.list"),
        (call("GET", "/v1/accountingDocuments/a1"), "accountingDocuments.read"),
        (call("GET", "/v1/accountingDocuments/status"), "accountingDocuments.status"),
        (call("POST", "/v1/accountingDocuments/a1/acknowledge"), "accountingDocuments.acknowledge"),
        (call("POST", "/v1/accountingDocuments/a1/transferResponses"), "accountingDocuments.transferResponses"),
        (call("GET", "/v1/accountingDocuments/a1/attachments/f"), "accountingDocuments.attachments"),
        (call("POST", "/v1/vendors"), "vendors.write"),
        (call("PATCH", "/v1/vendors/v1"), "vendors.patch"),
        (call("DELETE", "/v1/vendors"), "vendors.delete"),
        (call("GET", "/v1/lists/ACC_LIST_1"), "lists.list"),
        (call("GET", "/v1/lists/ACC_LIST_1/x"), "lists.read"),
        (call("GET", "/.well-known/jwks.json"), "well-known.read"),
    ],
)
def test_basware_operations_have_names(request_made, name):
    assert BaswareManners().operation(request_made) == name


def test_a_rule_may_be_about_an_operation(till, clock):
    unlucky = FaultInjector(till, clock, 0, QuickBooksManners())
    unlucky.add(FaultRule(kind=FaultKind.STATUS, operation="Bill.*", times=None))
    requests = [
        call("POST", "/v3/company/1/bill"),
        call("GET", "/v3/company/1/bill/1"),
        call("GET", "/v3/company/1/vendor/1"),
    ]
    assert fates(unlucky, requests) == [500, 500, 200]


@pytest.mark.row("S35")
@pytest.mark.parametrize(
    ("manners", "error", "expected"),
    [
        (QuickBooksManners(), "3001", (429, b"ThrottleExceeded")),
        (QuickBooksManners(), "3200", (401, b'"cdcresponse":[]')),
        (QuickBooksManners(), "3100", (403, b"ApplicationAuthorizationFailed")),
        (QuickBooksManners(), "10000", (500, b'"type":"SystemFault"')),
        (QuickBooksManners(), "5010", (400, b'"type":"ValidationFault"')),
        (QuickBooksManners(), "500", (400, b"Unsupported Operation")),
        (BaswareManners(), "UNEXPECTED_ERROR", (500, b'"hasErrors":true')),
        (BaswareManners(), "CONFLICT_IN_POST", (409, b'"type":"BUSINESS"')),
        (BaswareManners(), "throttled", (429, b'{"message":"Too Many Requests"}')),
        (BaswareManners(), "unavailable", (503, b"Service Unavailable")),
    ],
)
def test_a_false_answer_may_be_worded_as_the_vendors_own(clock, paying, manners, error, expected):
    (status, words), till = expected, Fixed(b"{}")
    unlucky = FaultInjector(till, clock, 0, manners)
    unlucky.add(FaultRule(kind=FaultKind.STATUS, error=error))
    unlucky.add(FaultRule(kind=FaultKind.STATUS, error=error, status=599, retry_after=12, nth=2))
    answer, changed = unlucky.handle(paying()), unlucky.handle(paying())
    assert (answer.status, words in answer.body, answer.headers["Content-Type"]) == (status, True, "application/json")
    assert "Retry-After" not in answer.headers
    assert (changed.status, changed.headers["Retry-After"]) == (599, "12")
    assert till.asked == 0, "the work was not done"


@pytest.mark.parametrize("manners", [QuickBooksManners(), BaswareManners()])
def test_every_error_of_a_vendor_can_be_given(till, clock, paying, manners):
    for name, meaning in manners.errors().items():
        unlucky = FaultInjector(till, clock, 0, manners)
        unlucky.add(FaultRule(kind=FaultKind.STATUS, error=name))
        answer = unlucky.handle(paying())
        assert (meaning != "", answer.status >= 400, isinstance(msgspec.json.decode(answer.body), dict)) == (True,) * 3
    assert till.taken == []


def test_unknown_values_need_no_fields_where_the_vendor_is_known(clock, paying):
    unlucky = FaultInjector(
        Fixed(b'{"Bill":{"GlobalTaxCalculation":"TaxExcluded","DocNumber":"1"}}'), clock, 0, QuickBooksManners()
    )
    unlucky.add(FaultRule(kind=FaultKind.UNKNOWN_VALUES))
    assert unlucky.handle(paying()).body == b'{"Bill":{"GlobalTaxCalculation":"AddedLater","DocNumber":"1"}}'


def test_an_error_nobody_knows_is_refused(unlucky):
    with pytest.raises(ValueError, match="not one of the service's"):
        unlucky.add(FaultRule(kind=FaultKind.STATUS, error="3001"))


def test_a_compressed_answer_is_changed_like_any_other(clock):
    class Zipping:
        def handle(self, request):
            headers = {"Content-Type": "application/json", "Content-Encoding": "gzip"}
            return Response(200, headers, gzip.compress(b'{"taken":1}'))

    unlucky = FaultInjector(Zipping(), clock)
    unlucky.add(FaultRule(kind=FaultKind.EXTRA_FIELDS, field="news"))
    answer = unlucky.handle(Request("GET", "till", "/"))
    assert msgspec.json.decode(answer.body).keys() == {"taken", "news"}
    assert "Content-Encoding" not in answer.headers
