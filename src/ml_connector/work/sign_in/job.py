"""The job that keeps a QuickBooks sign-in alive while nothing else uses it, and says long before when it will end all the same."""

from datetime import datetime, timedelta

from ml_connector.store import alerts, token_chains
from ml_connector.store.schema import ChainState, Severity
from ml_connector.store.token_chains import TokenChainRow
from ml_connector.work.desk import Desk
from ml_connector.work.jobs import JobReport
from ml_connector.work.sign_in.keeping import SIGN_IN_ENDS, advice
from ml_connector.work.sign_in.limits import Ending, endings, next_step


def keep_sign_in(desk: Desk) -> JobReport:
    """Refresh a sign-in that nobody used for a while, and raise or clear the warnings that it ends.

    Raises SignInNeeded when it is over, and what a refresh raises; the warnings are up to date by then all the same.
    """
    own = desk.settings.quickbooks.sign_in
    if (row := _row(desk)) is None or row.state is ChainState.DISCONNECTED:
        return JobReport(outcome="nobody is signed in to QuickBooks")
    try:
        refreshed = desk.tokens.keep_alive(timedelta(hours=own.keep_alive_hours))
    finally:
        near = _warn(desk)
    row = _row(desk) or row
    last = row.refreshed_at or row.connected_at
    due = [last + timedelta(hours=own.keep_alive_hours), next_step(row, own.warn_days, desk.clock.now())]
    return JobReport(
        outcome=f"{'refreshed' if refreshed else 'in use'}; {_limits(row)}",
        counts={"refreshed": int(refreshed), "warnings": near},
        again_at=min(at for at in due if at is not None),
    )


def _row(desk: Desk) -> TokenChainRow | None:
    with desk.database.read() as tx:
        return token_chains.get(tx, desk.connection_id)


def _warn(desk: Desk) -> int:
    """Raise the warning of each limit that is near, in place of its earlier steps; how many there are."""
    now = desk.clock.now()
    with desk.write() as tx:
        row = token_chains.get(tx, desk.connection_id)
        over = row is None or row.state in {ChainState.ENDED, ChainState.DISCONNECTED}
        near = [] if row is None or over else list(endings(row, desk.settings.quickbooks.sign_in.warn_days, now))
        wanted = {ending.subject for ending in near}
        for alert in alerts.listing(tx, desk.connection_id):
            if alert.kind == SIGN_IN_ENDS and alert.subject not in wanted:
                alerts.clear(tx, desk.connection_id, kind=SIGN_IN_ENDS, subject=alert.subject, now=now)
        for ending in near:
            alerts.raise_(
                tx, desk.connection_id, kind=SIGN_IN_ENDS, subject=ending.subject, severity=Severity.WARNING,
                message=_words(ending, desk.connection_name, row.problem if row else "", now), now=now,
            )  # fmt: skip
    return len(near)


def _words(ending: Ending, connection: str, problem: str, now: datetime) -> str:
    left = max((ending.at - now).days, 0)
    when = f"on {ending.at:%d %B %Y} (UTC), in {left} day{'' if left == 1 else 's'}"
    if ending.limit == "five years":
        why = "Intuit ends every connection after five years, however much it is used."
        do = f"Connect it again before then, and nothing is interrupted. {advice(connection)}"
    else:
        said = f" ({problem})" if problem else ""
        why = f"Intuit ends connections that are not renewed for about 100 days, and renewing has not worked lately{said}."
        do = f"See that this program runs and reaches Intuit; the warning goes away by itself then. If not: {advice(connection)}"
    return f"The QuickBooks connection of {connection} ends {when}. {why} {do}"


def _limits(row: TokenChainRow) -> str:
    soft = (
        f"good until {row.refresh_expires_at:%d %B %Y} if unused" if row.refresh_expires_at else "limit not known yet"
    )
    return soft if row.hard_expires_at is None else f"{soft}, until {row.hard_expires_at:%d %B %Y} at the longest"
