"""People are told once of what is new, each target for itself, and a target that is down keeps nobody else waiting."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import msgspec
import pytest

from ml_connector.app.messenger import Messenger
from ml_connector.store import alerts, audit, messages, people
from ml_connector.store.alerts import AlertRow
from ml_connector.store.audit_chain import Chain
from ml_connector.store.messages import MessageRow
from ml_connector.store.schema import MessageState, Severity
from ml_connector.work.engines.local import LocalEngine
from ml_connector.work.messages.courier import Courier, DeliveryError
from ml_connector.work.messages.noticing import BEHIND, UNDELIVERED, digest_begins
from ml_connector.work.messages.settings import MessageSettings
from ml_connector.work.messages.targets import NotifyError, TargetLine, add_target, remove_target, target_lines
from ml_connector.work.settings import ConnectionSettings
from paperwork import invoice
from receiver import Receiver, receiving
from world import World


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as one:
        yield one


def tell(world: World, receiver: Receiver, *, everyone: bool = False) -> TargetLine:
    """Have a receiver told of the world's connection, or of all."""
    world.app.messenger = Messenger(private=True)
    return add_target(
        world.database, world.vault, None if everyone else world.connection, receiver.address,
        shown="JSON to 127.0.0.1", target_id=f"target-{receiver.url[-5:]}", actor="test", now=world.clock.now(),
    )  # fmt: skip


def courier(world: World) -> Courier:
    return Courier(world.database, world.vault, world.clock, world.app.messenger.deliver, "https://books.test")


def look(world: World, *, minutes: int = 1) -> None:
    """A little later, whatever is due is sent."""
    world.clock.advance(60 * minutes)
    courier(world).look()


def quiet(world: World, **changes: object) -> None:
    """Nothing of the books being behind, so that a test is told only what it is about."""
    wanted = MessageSettings(**({"digest_at": "", "behind_after": 1_000_000} | changes))  # type: ignore[arg-type]
    world.change_settings(lambda settings: msgspec.structs.replace(settings, messages=wanted))


def raise_alert(world: World, message: str = "Sign in again.", subject: str = "") -> None:
    with world.database.write() as tx:
        alerts.raise_(
            tx, world.connection_id, kind="sign-in", subject=subject, message=message, severity=Severity.ERROR,
            now=world.clock.now(),
        )  # fmt: skip


def clear_alert(world: World) -> None:
    with world.database.write() as tx:
        alerts.clear(tx, world.connection_id, kind="sign-in", now=world.clock.now())


def open_alerts(world: World) -> list[AlertRow]:
    with world.database.read() as tx:
        return alerts.listing(tx, world.connection_id)


def stored(world: World) -> list[MessageRow]:
    with world.database.read() as tx:
        return messages.listing(tx, world.connection_id)


def test_an_alert_is_told_once_however_often_it_is_seen_and_again_when_it_comes_back(
    world: World, receiver: Receiver
) -> None:
    quiet(world)
    tell(world, receiver)
    world.clock.advance(1)
    for _ in range(3):
        raise_alert(world)
        look(world)
    assert len(receiver.taken) == 1
    assert "Sign in again." in receiver.taken[0]["message"]
    assert "https://books.test/c/demo/needs-you" in receiver.taken[0]["message"]

    clear_alert(world)
    look(world)
    raise_alert(world)
    look(world)
    assert len(receiver.taken) == 2


def test_what_was_open_before_a_target_was_added_is_not_told_to_it(world: World, receiver: Receiver) -> None:
    quiet(world)
    raise_alert(world, "old")
    world.clock.advance(60)
    tell(world, receiver)
    raise_alert(world, "new", subject="new")
    look(world)

    assert [one["message"].splitlines()[0] for one in receiver.taken] == ["new"]


def test_one_target_of_all_connections_is_told_of_each(world: World, receiver: Receiver) -> None:
    quiet(world)
    tell(world, receiver, everyone=True)
    raise_alert(world)
    look(world)

    assert len(receiver.taken) == 1
    assert target_lines(world.database)[0].connection == ""


def hold(world: World, *numbers: str) -> None:
    """Bills of a supplier whom QuickBooks does not know."""
    for number in numbers:
        world.approve(invoice(number, supplier="V-0815", supplier_name="Nobody & Sons"))
    world.settle()


def test_a_cause_that_holds_bills_is_told_once_in_an_accountants_words(world: World, receiver: Receiver) -> None:
    quiet(world)
    tell(world, receiver)
    hold(world, "A-1", "A-2")
    look(world)

    assert len(receiver.taken) == 1
    assert "2 documents cannot be posted (" in receiver.taken[0]["message"]
    assert "Nobody & Sons" in receiver.taken[0]["message"]
    assert "What to do: " in receiver.taken[0]["message"]
    hold(world, "A-3")
    look(world)
    assert len(receiver.taken) == 1


def test_a_cause_is_new_again_only_after_it_was_over(world: World) -> None:
    one, other = ("account-not-mapped", "0815"), ("vendor-inactive", "7")

    def noted(*open_now: tuple[str, str]) -> list[tuple[str, str]]:
        with world.database.write() as tx:
            return messages.note_causes(tx, world.connection_id, open_now, world.clock.now())

    assert noted(one) == [one]
    assert noted(one, other) == [other]
    assert noted(other) == []
    assert noted(one, other) == [one]


def test_only_what_a_company_wants_to_hear_is_told(world: World, receiver: Receiver) -> None:
    quiet(world, alerts="none", causes=False)
    tell(world, receiver)
    raise_alert(world)
    look(world)

    assert receiver.taken == []


def test_a_target_that_is_down_is_tried_again_raises_one_alert_and_keeps_no_other_waiting(
    world: World, receiver: Receiver
) -> None:
    quiet(world)
    with receiving() as other:
        broken, _ = tell(world, receiver), tell(world, other)
        receiver.status = 503
        raise_alert(world, "first", subject="1")
        raise_alert(world, "second", subject="2")
        look(world)
        assert (receiver.calls, len(other.taken)) == (1, 2)
        assert (open_alerts(world)[0].kind, open_alerts(world)[0].subject) == (UNDELIVERED, broken.id)
        assert next(one for one in target_lines(world.database) if one.id == broken.id).problem

        look(world)
        assert other.titles[-1].endswith(UNDELIVERED)
        receiver.status = 200
        for _ in range(6):
            look(world, minutes=5)
    assert [one["message"].splitlines()[0] for one in receiver.taken] == ["first", "second"]
    assert UNDELIVERED not in {one.kind for one in open_alerts(world)}


def test_a_message_is_given_up_after_a_day(world: World, receiver: Receiver) -> None:
    quiet(world)
    tell(world, receiver)
    receiver.status = 500
    raise_alert(world)
    for _ in range(30):
        look(world, minutes=60)

    assert {one.state for one in stored(world)} == {MessageState.GIVEN_UP}
    assert receiver.calls < 15


def test_a_message_whose_sender_died_is_sent_again_with_a_word_about_it(world: World, receiver: Receiver) -> None:
    quiet(world)
    tell(world, receiver)
    raise_alert(world)
    world.clock.advance(60)

    def died(_address: str, _title: str, _body: str) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        Courier(world.database, world.vault, world.clock, died, "").look()
    look(world)
    assert receiver.taken == []
    look(world, minutes=6)

    assert len(receiver.taken) == 1
    assert "may have reached you already" in receiver.taken[0]["message"]


def test_two_processes_that_look_at_once_send_a_message_once(world: World, receiver: Receiver) -> None:
    quiet(world)
    tell(world, receiver)
    raise_alert(world)
    world.clock.advance(60)
    first, second, seen = courier(world), courier(world), list[int]()

    def meanwhile(address: str, title: str, body: str) -> None:
        seen.append(second.look())
        world.app.messenger.deliver(address, title, body)

    first._deliver = meanwhile
    assert first.look() == 1
    assert seen == [0]
    assert len(receiver.taken) == 1


def test_the_digest_says_once_a_day_what_was_posted_what_is_held_and_what_needs_you(
    world: World, receiver: Receiver
) -> None:
    world.change_settings(_new_york)
    tell(world, receiver)
    world.approve(invoice("A-0"))
    hold(world, "A-1")
    raise_alert(world, "Sign in again.")
    world.clock.move_to(_next(world.clock.now(), hour=12, minute=1))
    courier(world).look()
    courier(world).look()

    digests = [one for one in receiver.taken if "posted" in one["title"]]
    assert [one["title"].split(": ")[1] for one in digests] == ["1 posted, 1 document is held"]
    said = digests[0]["message"]
    assert "Posted since " in said
    assert "1 document (100.00 USD)" in said
    assert "- Sign in again." in said
    look(world, minutes=24 * 60)
    assert len([one for one in receiver.taken if "posted" in one["title"]]) == 2


def test_the_heads_of_the_audits_stand_in_the_digest_and_in_the_log(
    world: World, receiver: Receiver, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO", "ml_connector")
    world.change_settings(_new_york)
    tell(world, receiver)
    with world.database.write() as tx:
        people.note(tx, at=world.clock.now(), actor="Ada", action="role given", subject="bea", detail="viewer")
    world.approve(invoice("A-0"))
    world.settle()
    with world.database.read() as tx:
        own, peoples = (Chain(which).head(tx) for which in (world.connection_id, ""))
    assert peoples[0] == 1

    world.clock.move_to(_next(world.clock.now(), hour=12, minute=1))
    courier(world).look()

    (said,) = [one["message"] for one in receiver.taken if "posted" in one["title"]]
    assert f"`ml-connector audit verify --connection demo --expect {own[0]}:{own[1]}`" in said
    assert f"`ml-connector audit verify --people --expect {peoples[1]}`" in said
    logged = [one.getMessage() for one in caplog.records]
    assert f"the audit of demo is sealed through {own[0]}:{own[1]}" in logged
    assert f"the audit of people is sealed through 1:{peoples[1]}" in logged


def _new_york(settings: ConnectionSettings) -> ConnectionSettings:
    schedule = msgspec.structs.replace(settings.schedule, time_zone="America/New_York")
    wanted = MessageSettings(digest_at="07:00", behind_after=1_000_000)
    return msgspec.structs.replace(settings, schedule=schedule, messages=wanted)


def _next(now: datetime, *, hour: int, minute: int) -> datetime:
    at = now.replace(hour=hour, minute=minute, second=0, microsecond=0)
    return at if at > now else at + timedelta(days=1)


@pytest.mark.parametrize(
    ("zone", "now", "begins"),
    [
        ("UTC", "2026-11-28T07:30:00+00:00", "2026-11-28T07:30:00+00:00"),
        ("UTC", "2026-11-28T07:29:59+00:00", "2026-11-27T07:30:00+00:00"),
        ("America/New_York", "2026-11-28T12:31:00+00:00", "2026-11-28T12:30:00+00:00"),
        ("America/New_York", "2026-07-01T11:31:00+00:00", "2026-07-01T11:30:00+00:00"),
        ("Asia/Tokyo", "2026-11-28T23:00:00+00:00", "2026-11-28T22:30:00+00:00"),
    ],
)
def test_the_digest_is_due_at_its_hour_on_the_companys_own_clock(zone: str, now: str, begins: str) -> None:
    found = digest_begins(MessageSettings(), zone, datetime.fromisoformat(now))

    assert found is not None
    assert found.astimezone(UTC) == datetime.fromisoformat(begins)


def test_books_that_are_behind_are_told_and_over_when_the_run_was_made_up_for(world: World, receiver: Receiver) -> None:
    quiet(world, behind_after=120)
    LocalEngine(world.app, heart=None, worker="w").step()
    tell(world, receiver)
    look(world, minutes=119)
    assert BEHIND not in {one.kind for one in open_alerts(world)}

    look(world, minutes=240)
    assert {one.subject for one in open_alerts(world) if one.kind == BEHIND} >= {"invoices", "changes"}
    assert any(BEHIND in title for title in receiver.titles)

    LocalEngine(world.app, heart=None, worker="w").step()
    assert BEHIND not in {one.kind for one in open_alerts(world)}


def test_the_engine_tells_people_by_itself(world: World, receiver: Receiver) -> None:
    quiet(world)
    tell(world, receiver)
    raise_alert(world)

    LocalEngine(world.app, heart=None, worker="w").step()

    assert len(receiver.taken) == 1


def test_the_address_is_sealed_and_shown_nowhere(world: World, receiver: Receiver) -> None:
    line = tell(world, receiver)
    with world.database.read() as tx:
        kept = tx.exec_driver_sql("SELECT * FROM message_targets").mappings().all()
        noted = audit.listing(tx, world.connection_id, subject=line.id)

    assert receiver.address not in repr([dict(one) for one in kept])
    assert [one.action for one in noted] == ["messages go to a target"]
    assert receiver.address not in repr(noted)


def test_an_address_is_told_once_and_can_be_removed_with_what_waits(world: World, receiver: Receiver) -> None:
    quiet(world)
    line = tell(world, receiver)
    with pytest.raises(NotifyError, match="told already"):
        tell(world, receiver)
    receiver.status = 500
    raise_alert(world)
    look(world)

    remove_target(world.database, world.connection, line.id, actor="test", now=world.clock.now())

    assert stored(world) == []
    assert target_lines(world.database) == []
    with pytest.raises(NotifyError, match="no target"):
        remove_target(world.database, world.connection, line.id, actor="test", now=world.clock.now())


def test_a_message_does_not_go_into_a_private_network_unless_that_is_allowed(receiver: Receiver) -> None:
    with pytest.raises(DeliveryError, match="ML_CONNECTOR_PRIVATE_TARGETS"):
        Messenger(private=False).deliver(receiver.address, "title", "body")
    assert receiver.calls == 0

    Messenger(private=True).deliver(receiver.address, "title", "body")
    assert receiver.titles == ["title"]


def test_a_redirect_is_not_followed(receiver: Receiver) -> None:
    with receiving() as inside:
        receiver.status, receiver.location = 307, inside.url
        with pytest.raises(DeliveryError):
            Messenger(private=True).deliver(receiver.address, "title", "body")
        assert inside.calls == 0


def test_settings_refuse_a_time_no_clock_shows() -> None:
    with pytest.raises(ValueError, match="digest_at"):
        MessageSettings(digest_at="25:00")
