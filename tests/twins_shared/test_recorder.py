"""The record shows what passed, and never a secret."""

import pytest

from twins.faults import FaultInjector, FaultKind, FaultRule
from twins.http import LostAnswerError, Response
from twins.recorder import Recorder

SECRET = "hunter2-secret"


class Echo:
    """Answers with a fixed body."""

    def __init__(self, body, headers=None):
        self.answer = Response(200, headers or {}, body)

    def handle(self, request):
        return self.answer


def test_requests_and_answers_are_kept_in_order(till, clock, paying):
    recorder = Recorder(till, clock)
    recorder.handle(paying(path="/pay?a=1", body=b"one"))
    recorder.handle(paying("GET", "/look"))
    first, second = recorder.exchanges
    assert (first.number, first.method, first.path, first.query, first.request_body) == (
        1,
        "POST",
        "/pay",
        (("a", "1"),),
        b"one",
    )
    assert (second.number, second.method, second.status, second.at) == (2, "GET", 200, clock.now())
    assert second.response_body.startswith(b'{"taken":2')


def test_a_lost_answer_is_recorded_with_what_became_of_the_work(till, clock, paying):
    unlucky = FaultInjector(till, clock)
    unlucky.add(FaultRule(kind=FaultKind.LOST_AFTER))
    recorder = Recorder(unlucky, clock)
    with pytest.raises(LostAnswerError):
        recorder.handle(paying())
    [exchange] = recorder.exchanges
    assert (exchange.status, exchange.committed) == (None, True)


def test_only_the_last_exchanges_and_the_first_bytes_are_kept(till, clock, paying):
    recorder = Recorder(till, clock, capacity=2, max_body=4)
    for _ in range(3):
        recorder.handle(paying(body=b"0123456789"))
    assert [exchange.number for exchange in recorder.exchanges] == [2, 3]
    assert (recorder.exchanges[0].request_body, recorder.exchanges[0].request_size) == (b"0123", 10)
    recorder.clear()
    recorder.handle(paying())
    assert [exchange.number for exchange in recorder.exchanges] == [4]


def test_all_bodies_together_are_limited_and_an_exchange_is_found_by_its_number(till, clock, paying):
    recorder = Recorder(till, clock, max_total=10_000)
    for _ in range(20):
        recorder.handle(paying(body=b"x" * 2_000))
    kept = [exchange.number for exchange in recorder.exchanges]
    assert kept == [18, 19, 20], "each takes about three thousand"
    assert [recorder.exchange(number) for number in kept] == list(recorder.exchanges)
    assert [recorder.exchange(number) for number in (0, 17, 21)] == [None] * 3
    recorder.handle(paying(body=b"x" * 50_000))
    assert [exchange.number for exchange in recorder.exchanges] == [21], "the last one is always kept"


@pytest.mark.parametrize(
    "request_parts",
    [
        {"headers": [("Authorization", f"Basic {SECRET}")]},
        {"headers": [("Cookie", SECRET)]},
        {"body": f'{{"password": "{SECRET}\\"{SECRET}"}}'.encode()},
        {"body": f'{{"Access_Token":"{SECRET}"}}'.encode()},
        {"path": f"/pay?code={SECRET}&x=1"},
        {"path": f"/pay?X-Amz-Signature={SECRET}"},
        {
            "headers": [("Content-Type", "application/x-www-form-urlencoded")],
            "body": f"grant_type=refresh_token&refresh_token={SECRET}&code={SECRET}".encode(),
        },
    ],
)
def test_no_secret_of_a_request_is_kept(till, clock, paying, request_parts):
    recorder = Recorder(till, clock)
    request = paying(**request_parts)
    assert SECRET in repr(request)
    recorder.handle(request)
    assert SECRET not in repr(recorder.exchanges)
    assert "***" in repr(recorder.exchanges)


@pytest.mark.parametrize(
    ("body", "headers"),
    [
        (f'{{"access_token":"{SECRET}","refresh_token" : "{SECRET}","expires_in":3600}}'.encode(), {}),
        (b"", {"Location": f"https://x.test/f?X-Amz-Expires=900&X-Amz-Signature={SECRET}"}),
        (b"", {"Set-Cookie": SECRET}),
    ],
)
def test_no_secret_of_an_answer_is_kept_and_the_client_still_gets_it(clock, paying, body, headers):
    recorder = Recorder(Echo(body, headers), clock)
    assert SECRET in repr(recorder.handle(paying()))
    assert SECRET not in repr(recorder.exchanges)
    assert "***" in repr(recorder.exchanges)


def test_a_cut_body_gives_no_secret_away(clock, paying):
    body = b'{"access_token":"' + SECRET.encode() * 10 + b'"}'
    recorder = Recorder(Echo(body), clock, max_body=40)
    recorder.handle(paying())
    assert SECRET not in repr(recorder.exchanges)


def test_what_only_sounds_like_a_secret_is_kept(clock, paying):
    body = b'{"SyncToken":"3","Code":"6240","invoiceImageToken":"demo"}'
    recorder = Recorder(Echo(body), clock)
    recorder.handle(paying())
    assert recorder.exchanges[0].response_body == body
