"""What a twin sends on its own: order, repetition, bad luck, the log, and the postman who carries it."""

import pickle
import threading
from dataclasses import dataclass, field
from datetime import timedelta

import pytest

from twins.http import Request, Response
from twins.luck import Luck, LuckRule, Mishap
from twins.outgoing import Outbox, OutgoingRequest, UnreachableError, is_address
from twins.postman import HttpSender, Postman
from twins.serve import TwinServer


@dataclass
class Chances:
    """No bad luck, unless a test says so."""

    outgoing_lost: float = 0.0
    outgoing_duplicates: float = 0.0
    outgoing_overtaken: float = 0.0
    outgoing_delayed: float = 0.0
    outgoing_seconds: float = 60.0


@dataclass
class Desk:
    """An office that repeats after a minute, three times at most."""

    in_order: bool = False
    url: str = "http://receiver.test/hook?x=1"
    given_up: list[str] = field(default_factory=list)
    gone: bool = False

    def ripen(self, now):
        pass

    def next_ripe(self):
        return None

    def request(self, delivery):
        return None if self.gone else OutgoingRequest.to(self.url, (("X-Lane", delivery.lane),), delivery.body, 3.0)

    def accepts(self, delivery, answer):
        return answer.status == 200

    def wait_after(self, attempts):
        return 60.0 if attempts < 3 else None

    def settled(self, delivery, last):
        if not last.accepted:
            self.given_up.append(delivery.id)


@dataclass
class Receiver:
    """Keeps what it is sent, and answers as told."""

    statuses: list[int] = field(default_factory=list)
    got: list[str] = field(default_factory=list)
    delay: float = 0.0

    def __call__(self, request):
        self.got.append(request.body.decode())
        status = self.statuses.pop(0) if self.statuses else 200
        if not status:
            raise UnreachableError("nobody there")
        return Response(status, delay=self.delay)


@pytest.fixture
def desk():
    return Desk()


@pytest.fixture
def outbox(clock, desk):
    return Outbox(clock, desk, Luck(Chances()))


def post(outbox, clock, text, lane="a", **options):
    after = options.pop("after", 0)
    return outbox.post(lane, text.encode(), (f"event {text}",), clock.now() + timedelta(seconds=after), **options)


def test_what_is_due_is_sent_and_what_is_not_due_waits(outbox, clock):
    receiver = Receiver()
    post(outbox, clock, "now")
    post(outbox, clock, "later", after=10)
    assert outbox.due == 1
    assert [attempt.accepted for attempt in outbox.deliver_due(receiver)] == [True]
    assert receiver.got == ["now"]
    assert (outbox.due, outbox.next_due) == (0, clock.now() + timedelta(seconds=10))
    clock.advance(10)
    outbox.deliver_due(receiver)
    assert receiver.got == ["now", "later"]
    assert outbox.next_due is None


def test_a_failed_call_is_repeated_until_it_is_given_up(outbox, clock, desk):
    receiver = Receiver([500, 0, 302])
    name = post(outbox, clock, "one")
    for _ in range(5):
        outbox.deliver_due(receiver)
        clock.advance(60)
    made = outbox.attempts(delivery=name)
    assert [(each.attempt, each.status, each.error) for each in made] == [
        (1, 500, "HTTP 500"),
        (2, None, "nobody there"),
        (3, 302, "HTTP 302"),
    ]
    assert made[-1].next_due is None
    assert desk.given_up == [name]
    assert outbox.report()[0] | {"due": ""} == {
        "state": "failed",
        "id": name,
        "lane": "a",
        "events": ("event one",),
        "due": "",
        "attempts": 3,
    }


def test_an_answer_that_takes_too_long_is_none(outbox, clock):
    post(outbox, clock, "one")
    made = outbox.deliver_due(Receiver(delay=3.5))
    assert (made[0].accepted, made[0].status) == (False, 200)
    assert "3.5 s" in made[0].error
    assert outbox.next_due == clock.now() + timedelta(seconds=60)


def test_later_calls_of_a_lane_wait_for_a_failed_one_where_order_is_kept(outbox, clock, desk):
    desk.in_order = True
    receiver = Receiver([500])
    post(outbox, clock, "first")
    post(outbox, clock, "second")
    post(outbox, clock, "other", lane="b")
    outbox.deliver_due(receiver)
    assert receiver.got == ["first", "other"]
    clock.advance(60)
    outbox.deliver_due(receiver)
    assert receiver.got == ["first", "other", "first", "second"]


def test_without_order_a_failed_call_holds_nobody_up(outbox, clock):
    receiver = Receiver([500])
    post(outbox, clock, "first")
    post(outbox, clock, "second")
    outbox.deliver_due(receiver)
    assert receiver.got == ["first", "second"]


def test_a_call_that_may_be_overtaken_holds_nobody_up(outbox, clock, desk):
    desk.in_order = True
    receiver = Receiver()
    post(outbox, clock, "slow", after=30, may_be_overtaken=True)
    post(outbox, clock, "quick")
    outbox.deliver_due(receiver)
    clock.advance(30)
    outbox.deliver_due(receiver)
    assert receiver.got == ["quick", "slow"]


def test_what_is_posted_while_calls_are_made_waits_for_the_next_time(outbox, clock):
    got = []

    def receiver(request):
        got.append(request.body)
        post(outbox, clock, "an answer to it")
        return Response(200)

    post(outbox, clock, "one")
    outbox.deliver_due(receiver)
    assert got == [b"one"]
    assert outbox.due == 1


def test_the_log_can_be_searched(outbox, clock, desk):
    receiver = Receiver([503])
    post(outbox, clock, "one")
    post(outbox, clock, "two")
    outbox.deliver_due(receiver)
    noon = clock.now()
    clock.advance(60)
    desk.url = "http://new.test/hook"
    outbox.deliver_due(receiver)
    assert [each.events for each in outbox.attempts(status=503)] == [("event one",)]
    assert [each.status for each in outbox.attempts(event="event one")] == [503, 200]
    assert [each.url for each in outbox.attempts(url="new.test")] == ["http://new.test/hook"]
    assert len(outbox.attempts(since=noon + timedelta(seconds=1))) == 1
    assert len(outbox.attempts()) == 3


def test_a_delivery_can_be_sent_again_whatever_became_of_it(outbox, clock):
    receiver = Receiver([200, 500])
    done, failing = post(outbox, clock, "done"), post(outbox, clock, "failing")
    outbox.deliver_due(receiver)
    again = outbox.resend(done)
    assert outbox.resend(failing) == failing
    outbox.deliver_due(receiver)
    assert receiver.got == ["done", "failing", "failing", "done"]
    assert [each.delivery for each in outbox.attempts(event="event done")] == [done, again]
    with pytest.raises(KeyError):
        outbox.resend("delivery-99")


def test_a_dropped_lane_is_not_called_any_more(outbox, clock, desk):
    receiver = Receiver()
    post(outbox, clock, "one")
    post(outbox, clock, "two", lane="b")
    assert [delivery.body for delivery in outbox.drop("a")] == [b"one"]
    assert (outbox.holds("a"), outbox.holds("b")) == (False, True)
    desk.gone = True
    outbox.deliver_due(receiver)
    assert receiver.got == []
    assert outbox.report() == []


def test_a_stored_outbox_sends_again_what_was_under_way(outbox, clock, desk):
    post(outbox, clock, "one")
    assert len(outbox.collect()) == 1
    assert outbox.collect() == []
    restored = pickle.loads(pickle.dumps(outbox))
    assert len(restored.collect()) == 1


# bad luck


@pytest.mark.parametrize(
    ("kind", "fate"),
    [
        (Mishap.LOST, {"lost": True}),
        (Mishap.DELAYED, {"held": 5.0}),
        (Mishap.OVERTAKEN, {"held": 5.0, "may_be_overtaken": True}),
        (Mishap.DUPLICATE, {"again_after": 5.0}),
    ],
)
def test_a_rule_strikes_the_events_it_is_about(kind, fate):
    luck = Luck(Chances())
    name = luck.add(LuckRule(kind=kind, about="^Bill", nth=2, seconds=5.0))
    fates = [luck.fate(about) for about in ("Bill 1 Update", "Vendor 2 Update", "Bill 3 Update", "Bill 4 Update")]
    plain = luck.fate("Vendor 2 Update")
    assert [each == plain for each in fates] == [True, True, False, True]
    assert {field: getattr(fates[2], field) for field in fate} == fate
    assert (luck.report()[0]["id"], luck.report()[0]["seen"], luck.report()[0]["hits"]) == (name, 3, 1)
    luck.remove(name)
    assert luck.report() == []


def test_percentages_strike_about_as_often_as_they_say_and_replay_from_a_seed():
    def lost(seed):
        luck = Luck(Chances(outgoing_lost=20.0), seed)
        return [luck.fate("Bill 1 Update").lost for _ in range(500)]

    assert lost(1) == lost(1)
    assert lost(1) != lost(2)
    assert 60 < sum(lost(1)) < 140


def test_bad_rules_are_refused():
    with pytest.raises(ValueError, match="nth"):
        Luck(Chances()).add(LuckRule(kind=Mishap.LOST, nth=0))


@pytest.mark.parametrize(
    ("text", "good"),
    [
        ("https://hook.example/a?b=c", True),
        ("http://127.0.0.1:8080", True),
        ("hook.example/a", False),
        ("ftp://hook.example", False),
        ("http://", False),
        ("http://host:99999/", False),
        ("http://[broken", False),
        ("http://host/with space", False),
    ],
)
def test_only_absolute_web_addresses_can_be_called(text, good):
    assert is_address(text) is good


# over the network


class Hook:
    """A receiver behind a real server that calls back before it answers."""

    def __init__(self):
        self.got = []
        self.arrived = threading.Event()
        self.call_back = lambda: None
        self.answer = Response(200)

    def handle(self, request: Request) -> Response:
        self.got.append(request)
        self.call_back()
        self.arrived.set()
        return self.answer


@pytest.fixture
def sender():
    sender = HttpSender()
    yield sender
    sender.close()


def test_the_postman_delivers_without_holding_the_lock(outbox, clock, desk, sender):
    hook, lock = Hook(), threading.Lock()
    with TwinServer(hook) as server:
        desk.url = f"{server.url}/hook?x=1"
        free = []
        hook.call_back = lambda: free.append(lock.acquire(timeout=30)) or lock.release()
        with lock:
            post(outbox, clock, "over the wire")
        with Postman(outbox, sender, lock, every=0.001):
            assert hook.arrived.wait(30)
        assert free == [True]
    received = hook.got[0]
    assert (received.method, received.path, received.query) == ("POST", "/hook", (("x", "1"),))
    assert (received.headers["x-lane"], received.body) == ("a", b"over the wire")
    assert [each.accepted for each in outbox.attempts()] == [True]


def test_nothing_is_lost_when_the_postman_stops(outbox, clock, desk, sender):
    hook, lock, last = Hook(), threading.Lock(), threading.Event()
    with TwinServer(hook) as server:
        desk.url = server.url
        for number in range(20):
            post(outbox, clock, str(number))
        with Postman(outbox, sender, lock, every=0.001):
            assert hook.arrived.wait(30)
        post(outbox, clock, "last")
        hook.call_back = lambda: last.set() if hook.got[-1].body == b"last" else None
        with Postman(outbox, sender, lock, every=0.001):
            assert last.wait(30)
    assert [each.body.decode() for each in hook.got] == [*map(str, range(20)), "last"]


def test_redirects_are_not_followed(outbox, clock, desk, sender):
    hook = Hook()
    hook.answer = Response(302, {"Location": "/elsewhere"})
    with TwinServer(hook) as server:
        desk.url = server.url
        post(outbox, clock, "one")
        made = outbox.deliver_due(sender)
    assert (made[0].status, made[0].accepted) == (302, False)
    assert len(hook.got) == 1


def test_nobody_at_the_address_is_an_outcome(outbox, clock, desk, sender):
    with TwinServer(Hook()) as server:
        desk.url = server.url
    post(outbox, clock, "one")
    made = outbox.deliver_due(sender)
    assert (made[0].status, made[0].accepted) == (None, False)
    assert made[0].error


@pytest.mark.parametrize("host", ["two..dots.test", "a" * 64 + ".test", "☃.test"])
def test_a_name_no_network_knows_stops_no_later_call(outbox, clock, desk, sender, host):
    desk.url = f"http://{host}/"
    post(outbox, clock, "one")
    (attempt,) = outbox.deliver_due(sender)
    assert (attempt.status, attempt.accepted) == (None, False)
    assert attempt.error
