"""The token chain: refreshed by one at a time, stored before it is used, never thrown away for a failed answer."""

import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from instruments import VirtualClock
from ml_connector.quickbooks.auth import TokenSet
from ml_connector.quickbooks.errors import ClientRejected, QuickBooksError, SignInNeeded, Throttled, Unavailable
from ml_connector.store import alerts, connections, jobs, leases, secrets, token_chains
from ml_connector.store.database import Database
from ml_connector.store.errors import DatabaseUnavailableError
from ml_connector.store.schema import ChainState, ConnectionState
from ml_connector.store.token_chains import TokenChainRow
from ml_connector.store.vault import MasterKeys, Vault
from ml_connector.work.sign_in import keeping
from ml_connector.work.sign_in.chain import TokenChain
from ml_connector.work.sign_in.lease import LEASE
from twins.clock import Clock

pytestmark = pytest.mark.both_databases

START = datetime(2026, 11, 20, 9, tzinfo=UTC)
CONNECTION = "c1"
VAULT = Vault(MasterKeys(b"t" * 32))


class Intuit:
    """A token service that hands out a new pair each time, or fails as told; `meanwhile` happens while it is being asked."""

    def __init__(self, clock: VirtualClock) -> None:
        self._clock = clock
        self.asked: list[str] = []
        self.fails: list[QuickBooksError] = []
        self.meanwhile: Callable[[], object] | None = None
        self.life = timedelta(hours=1)

    def tokens(self, name: str) -> TokenSet:
        now = self._clock.now()
        return TokenSet(
            access_token=f"access-{name}",
            refresh_token=f"refresh-{name}",
            access_expires_at=now + self.life,
            refresh_expires_at=now + timedelta(days=100),
        )

    def __call__(self, refresh_token: str) -> TokenSet:
        self.asked.append(refresh_token)
        number = len(self.asked)
        if self.meanwhile is not None:
            happening, self.meanwhile = self.meanwhile, None
            happening()
        if self.fails:
            raise self.fails.pop(0)
        return self.tokens(str(number))


@pytest.fixture
def clock() -> VirtualClock:
    return VirtualClock(Clock(START, running=False))


@pytest.fixture
def intuit(clock: VirtualClock) -> Intuit:
    return Intuit(clock)


Of = Callable[..., TokenChain]


@pytest.fixture
def chain(database: Database, clock: VirtualClock, intuit: Intuit) -> Of:
    with database.write() as tx:
        connections.add(tx, connection_id=CONNECTION, name="acme", settings="{}", now=START)
        keeping.keep_first(tx, VAULT, CONNECTION, "first", START)

    def of(worker: str = "worker", refresher: Callable[[str], TokenSet] = intuit) -> TokenChain:
        return TokenChain(
            database=database, vault=VAULT, connection_id=CONNECTION, connection_name="acme", clock=clock,
            refresher=refresher, worker=worker, spread=lambda _text: 0.5,
        )  # fmt: skip

    return of


def visible(database: Database) -> TokenChainRow:
    with database.read() as tx:
        row = token_chains.get(tx, CONNECTION)
    assert row is not None
    return row


def stored(database: Database) -> keeping.Tokens:
    with database.read() as tx:
        return keeping.load(tx, VAULT, CONNECTION).tokens


def open_alerts(database: Database) -> list[str]:
    with database.read() as tx:
        return [alert.kind for alert in alerts.listing(tx, CONNECTION)]


def state(database: Database) -> ConnectionState:
    with database.read() as tx:
        return connections.get(tx, CONNECTION).state


def test_a_token_is_asked_for_once_and_again_shortly_before_it_ends(
    chain: Of, clock: VirtualClock, intuit: Intuit
) -> None:
    own = chain()
    assert [own.access_token(False), own.access_token(False)] == ["access-1", "access-1"]
    clock.sleep(56 * 60)
    assert own.access_token(False) == "access-1"
    clock.sleep(2 * 60)
    assert own.access_token(False) == "access-2"
    assert intuit.asked == ["first", "refresh-1"]


def test_a_short_lived_token_is_used_for_most_of_its_life(chain: Of, clock: VirtualClock, intuit: Intuit) -> None:
    intuit.life = timedelta(seconds=60)
    own = chain()
    own.access_token(False)
    clock.sleep(44)
    assert own.access_token(False) == "access-1"
    clock.sleep(2)
    assert own.access_token(False) == "access-2"


def test_a_new_process_goes_on_with_the_stored_tokens(chain: Of, intuit: Intuit) -> None:
    chain("a").access_token(False)
    assert chain("b").access_token(False) == "access-1"
    assert intuit.asked == ["first"]


def test_tokens_stored_by_an_earlier_version_are_taken_over(
    chain: Of, database: Database, intuit: Intuit, clock: VirtualClock
) -> None:
    with database.write() as tx:
        tx.exec_driver_sql("DELETE FROM token_chains")
        old = f'{{"access_token":"a","refresh_token":"from before","access_expires_at":"{START.isoformat()}"}}'
        secrets.put(tx, VAULT, CONNECTION, keeping.TOKENS, old, START)
    assert chain().access_token(False) == "access-1"
    assert intuit.asked == ["from before"]
    assert visible(database).refreshes == 1


def test_a_refused_token_is_renewed_once_for_all_processes(chain: Of, intuit: Intuit) -> None:
    one, two = chain("a"), chain("b")
    assert one.access_token(False) == two.access_token(False) == "access-1"
    assert one.access_token(True) == "access-2"
    assert two.access_token(True) == "access-2"
    assert intuit.asked == ["first", "refresh-1"]


def test_a_token_that_is_refused_although_it_is_new_is_not_renewed_over_and_over(chain: Of, intuit: Intuit) -> None:
    own = chain()
    own.access_token(False)
    assert [own.access_token(True) for _ in range(20)] == ["access-2"] * 20
    assert len(intuit.asked) == 2


def test_fifty_threads_cost_one_refresh_and_a_sixty_first_minute_another(chain: Of, intuit: Intuit) -> None:
    own, start, got = chain(), threading.Barrier(50), list[str]()

    def ask() -> None:
        start.wait()
        got.append(own.access_token(False))

    threads = [threading.Thread(target=ask) for _ in range(50)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert got == ["access-1"] * 50
    assert intuit.asked == ["first"]


def test_two_chains_of_one_process_do_not_refresh_at_the_same_time(
    chain: Of, database: Database, clock: VirtualClock, intuit: Intuit
) -> None:
    own, other = chain("same"), chain("same")
    own.access_token(False)
    clock.sleep(58 * 60)
    seen: list[str] = []
    intuit.meanwhile = lambda: seen.append(other.access_token(False))
    assert own.access_token(False) == "access-2"
    assert seen == ["access-1"], "the other chain goes on with the token that still serves"
    assert intuit.asked == ["first", "refresh-1"]


def test_the_new_refresh_token_is_stored_before_the_access_token_is_used_and_the_old_one_is_kept(
    chain: Of, database: Database
) -> None:
    chain().access_token(False)
    kept = stored(database)
    assert (kept.access_token, kept.refresh_token, kept.previous) == ("access-1", "refresh-1", "first")
    assert "access-1" not in repr(kept)
    row = visible(database)
    assert (row.state, row.refreshes, row.rotations, row.refreshed_at) == (ChainState.LIVING, 1, 1, START)


@pytest.mark.parametrize("errors", [[Unavailable("down"), Unavailable("down")], [Throttled("busy")]])
def test_a_living_token_serves_while_the_token_service_is_down_or_busy(
    chain: Of, clock: VirtualClock, intuit: Intuit, errors: list[QuickBooksError]
) -> None:
    own = chain()
    own.access_token(False)
    clock.sleep(58 * 60)
    intuit.fails = list(errors)
    asked = 1 + len(errors)
    assert [own.access_token(False) for _ in range(9)] == ["access-1"] * 9
    assert len(intuit.asked) == asked, "nobody hammers a service that is down"
    clock.sleep(61)
    assert own.access_token(False) == f"access-{asked + 1}"


def test_a_lost_answer_is_asked_for_again_at_once_with_the_same_token(chain: Of, intuit: Intuit) -> None:
    intuit.fails = [Unavailable("no answer")]
    assert chain().access_token(False) == "access-2"
    assert intuit.asked == ["first", "first"]


def test_the_previous_token_is_tried_before_giving_up(
    chain: Of, clock: VirtualClock, database: Database, intuit: Intuit
) -> None:
    own = chain()
    own.access_token(False)
    clock.sleep(2 * 3600)
    intuit.fails = [SignInNeeded("invalid_grant")]
    assert own.access_token(False) == "access-3"
    assert intuit.asked == ["first", "refresh-1", "first"]
    assert open_alerts(database) == []


def test_a_token_service_that_stays_down_costs_no_token_and_is_left_alone_longer_each_time(
    chain: Of, clock: VirtualClock, database: Database, intuit: Intuit
) -> None:
    own, waits = chain(), []
    for _ in range(9):
        intuit.fails = [Unavailable("down"), Unavailable("down")]
        with pytest.raises(Unavailable):
            own.access_token(False)
        retry_at = visible(database).retry_at
        assert retry_at is not None
        waits.append((retry_at - clock.now()).total_seconds())
        asked = len(intuit.asked)
        with pytest.raises(Unavailable, match="asked again after"):
            own.access_token(False)
        assert len(intuit.asked) == asked
        clock.move_to(retry_at)
    assert waits == sorted(waits)
    assert waits[0] <= 5
    assert waits[-1] <= 300
    intuit.fails = []
    own.access_token(False)
    assert set(intuit.asked) == {"first"}
    assert (visible(database).failures, visible(database).retry_at) == (0, None)


def test_wrong_keys_of_the_app_are_told_without_ending_the_sign_in(
    chain: Of, clock: VirtualClock, database: Database, intuit: Intuit
) -> None:
    intuit.fails = [ClientRejected("Intuit does not accept the app's client id and secret")]
    own = chain()
    for _ in range(3):
        with pytest.raises(ClientRejected):
            own.access_token(False)
    assert intuit.asked == ["first"]
    assert open_alerts(database) == [keeping.SIGN_IN_NEEDED]
    with database.write() as tx:
        keeping.note_saved(tx, VAULT, CONNECTION, clock.now())
    assert own.access_token(False) == "access-2"
    assert open_alerts(database) == []
    assert state(database) is ConnectionState.ACTIVE


def give_up(own: TokenChain, clock: VirtualClock, intuit: Intuit) -> None:
    """Let Intuit end the sign-in."""
    own.access_token(False)
    clock.sleep(2 * 3600)
    intuit.fails = [SignInNeeded("QuickBooks ended the connection")] * 2
    with pytest.raises(SignInNeeded, match="connection connect acme"):
        own.access_token(False)


def test_a_grant_that_is_over_alarms_at_once_and_nothing_more_goes_to_intuit(
    chain: Of, clock: VirtualClock, database: Database, intuit: Intuit
) -> None:
    own = chain("a")
    give_up(own, clock, intuit)
    asked = len(intuit.asked)
    for one in (own, chain("b")):
        with pytest.raises(SignInNeeded):
            one.access_token(True)
    clock.sleep(90 * 86400)
    with pytest.raises(SignInNeeded):
        own.keep_alive(timedelta(hours=24))
    assert len(intuit.asked) == asked
    assert open_alerts(database) == [keeping.SIGN_IN_NEEDED]
    assert state(database) is ConnectionState.SIGN_IN_NEEDED
    assert visible(database).state is ChainState.ENDED
    assert stored(database).refresh_token == "refresh-1"


def test_after_connecting_again_everything_resumes_by_itself(
    chain: Of, clock: VirtualClock, database: Database, intuit: Intuit
) -> None:
    own = chain()
    with database.write() as tx:
        jobs.change(tx, CONNECTION, "invoices", START, retry_at=START + timedelta(days=9), failures=7)
        jobs.change(tx, CONNECTION, "changes", START, paused_at=START, paused_by="robin")
    give_up(own, clock, intuit)
    with database.write() as tx:
        keeping.keep_connected(tx, VAULT, CONNECTION, intuit.tokens("anew"), clock.now())
    assert own.access_token(False) == "access-anew"
    assert open_alerts(database) == []
    assert state(database) is ConnectionState.ACTIVE
    with database.read() as tx:
        waiting = jobs.of_connection(tx, CONNECTION)
    assert (waiting["invoices"].retry_at, waiting["invoices"].asked_at) == (None, clock.now())
    assert waiting["changes"].asked_at is None, "what a person paused stays paused"


def test_a_sibling_that_rotated_in_the_meantime_is_no_reason_to_give_up(
    chain: Of, clock: VirtualClock, database: Database, intuit: Intuit
) -> None:
    own, other = chain("a"), chain("b", lambda _token: intuit.tokens("sibling"))
    own.access_token(False)
    clock.sleep(2 * 3600)

    def sibling() -> None:
        clock.sleep(300)  # the first refresher is stopped for longer than its lease
        other.access_token(False)

    intuit.meanwhile, intuit.fails = sibling, [SignInNeeded("invalid_grant")]
    assert own.access_token(False) == "access-sibling"
    assert open_alerts(database) == []


def test_a_refresher_that_was_stopped_and_woken_never_overwrites_newer_tokens(
    chain: Of, clock: VirtualClock, database: Database, intuit: Intuit
) -> None:
    own, other = chain("a"), chain("b", lambda _token: intuit.tokens("newer"))
    own.access_token(False)
    clock.sleep(2 * 3600)

    def stopped() -> None:
        clock.sleep(300)
        other.access_token(False)

    intuit.meanwhile = stopped
    assert own.access_token(False) == "access-newer"
    assert stored(database).refresh_token == "refresh-newer"


def test_a_woken_refresher_that_holds_the_only_good_token_brings_the_connection_back(
    chain: Of, clock: VirtualClock, database: Database, intuit: Intuit
) -> None:
    def over(_token: str) -> TokenSet:
        raise SignInNeeded("invalid_grant")

    own, other = chain("a"), chain("b", over)
    own.access_token(False)
    clock.sleep(2 * 3600)

    def stopped() -> None:
        clock.sleep(300)
        with pytest.raises(SignInNeeded):
            other.access_token(False)
        assert state(database) is ConnectionState.SIGN_IN_NEEDED

    intuit.meanwhile = stopped
    assert own.access_token(False) == "access-2"
    assert other.access_token(False) == "access-2"
    assert open_alerts(database) == []
    assert state(database) is ConnectionState.ACTIVE


@pytest.mark.parametrize("by", ["browser", "file"])
def test_connecting_again_while_a_refresh_is_in_flight_wins(
    chain: Of, clock: VirtualClock, database: Database, intuit: Intuit, by: str
) -> None:
    def connect() -> None:
        with database.write() as tx:
            if by == "file":
                keeping.keep_first(tx, VAULT, CONNECTION, "newer", clock.now())
            else:
                keeping.keep_connected(tx, VAULT, CONNECTION, intuit.tokens("newer"), clock.now())

    intuit.meanwhile = connect  # in the very first refresh, before anything else was ever stored
    got = chain().access_token(False)
    assert intuit.asked == (["first"] if by == "browser" else ["first", "newer"])
    assert got == ("access-newer" if by == "browser" else "access-2")


def test_disconnecting_while_a_refresh_is_in_flight_leaves_no_token(
    chain: Of, clock: VirtualClock, database: Database, intuit: Intuit
) -> None:
    def disconnect() -> None:
        with database.write() as tx:
            keeping.forget(tx, CONNECTION, "given back", clock.now())

    intuit.meanwhile = disconnect
    with pytest.raises(SignInNeeded, match="given back"):
        chain().access_token(False)
    assert stored(database) == keeping.Tokens()
    assert state(database) is ConnectionState.PAUSED


def test_other_processes_learn_within_a_minute_that_somebody_disconnected(
    chain: Of, clock: VirtualClock, database: Database
) -> None:
    own = chain()
    own.access_token(False)
    with database.write() as tx:
        keeping.forget(tx, CONNECTION, "given back", clock.now())
    clock.sleep(61)
    with pytest.raises(SignInNeeded, match="given back"):
        own.access_token(False)


def test_a_database_that_is_away_when_the_new_token_comes_is_waited_for(
    chain: Of, database: Database, intuit: Intuit, monkeypatch: pytest.MonkeyPatch
) -> None:
    own, down, real = chain(), [5], keeping.keep_renewed

    def unreachable(*args: object) -> bool:
        if down[0]:
            down[0] -= 1
            raise DatabaseUnavailableError("the server restarts")
        return real(*args)  # type: ignore[arg-type]

    monkeypatch.setattr(keeping, "keep_renewed", unreachable)
    with pytest.raises(DatabaseUnavailableError):
        own.access_token(False)
    assert own.access_token(False) == "access-1"
    assert intuit.asked == ["first"], "the answer in hand is stored; the dead token is not used again"


def test_a_process_waits_for_the_one_that_is_refreshing(chain: Of, database: Database, clock: VirtualClock) -> None:
    with database.write() as tx:
        leases.acquire(tx, CONNECTION, LEASE, "elsewhere", clock.now(), 30)
    assert chain().access_token(False) == "access-1"
    assert clock.now() >= START + timedelta(seconds=30)


def test_a_connection_nobody_signed_in_for_says_how_to(database: Database, clock: VirtualClock, intuit: Intuit) -> None:
    with database.write() as tx:
        connections.add(tx, connection_id=CONNECTION, name="acme", settings="{}", now=START)
    own = TokenChain(
        database=database, vault=VAULT, connection_id=CONNECTION, connection_name="acme", clock=clock,
        refresher=intuit, worker="w",
    )  # fmt: skip
    with pytest.raises(SignInNeeded, match="Nobody has connected acme"):
        own.access_token(False)
    assert intuit.asked == []


def test_keeping_an_idle_sign_in_alive_refreshes_only_when_it_is_time(
    chain: Of, clock: VirtualClock, intuit: Intuit
) -> None:
    own = chain()
    own.access_token(False)
    clock.sleep(23 * 3600)
    assert not own.keep_alive(timedelta(hours=24))
    clock.sleep(3600)
    assert own.keep_alive(timedelta(hours=24))
    assert not own.keep_alive(timedelta(hours=24))
    assert intuit.asked == ["first", "refresh-1"]
