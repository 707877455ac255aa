"""Bad luck strikes what it should, as often as it should, and the work is done or not as it says."""

import re
from decimal import Decimal

import msgspec
import pytest

from twins.faults import BodyForm, FaultInjector, FaultKind, FaultRule
from twins.http import LostAnswerError


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


def test_a_false_status_may_carry_its_own_text_and_ask_to_wait(unlucky, paying):
    text = '{"Fault":{"type":"SERVICE"}}'
    unlucky.add(
        FaultRule(kind=FaultKind.STATUS, status=429, retry_after=30, text=text, content_type="application/json")
    )
    answer = unlucky.handle(paying())
    assert (answer.status, answer.headers["Retry-After"], answer.body.decode()) == (429, "30", text)


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


def test_unknown_fields_appear_everywhere_and_amounts_stay_exact(unlucky, paying):
    unlucky.add(FaultRule(kind=FaultKind.EXTRA_FIELDS, field="new"))
    body = unlucky.handle(paying()).body
    assert b'"price":12.50' in body
    found = msgspec.json.Decoder(float_hook=Decimal).decode(body)
    assert "new" in found
    assert "new" in found["lines"][0]


@pytest.mark.parametrize("changes", [{"nth": 0}, {"probability": 1.5}, {"keep": -1}])
def test_an_impossible_rule_is_refused(unlucky, changes):
    with pytest.raises(ValueError, match="fault rule"):
        unlucky.add(FaultRule(kind=FaultKind.SLOW, **changes))
    with pytest.raises(re.error):
        unlucky.add(FaultRule(kind=FaultKind.SLOW, path="("))
    assert unlucky.report() == []
