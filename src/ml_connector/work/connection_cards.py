"""Connections as cards: does it work, since when was nothing new read, what calls for a person, and the one thing to do next."""

from datetime import datetime
from typing import Literal

import msgspec

from ml_connector.store import alerts, jobs, secrets, token_chains
from ml_connector.store.connections import ConnectionRow
from ml_connector.store.database import Tx
from ml_connector.store.jobs import JobRow
from ml_connector.store.schema import ChainState, ConnectionState
from ml_connector.store.token_chains import TokenChainRow
from ml_connector.work.company import Company, company_of
from ml_connector.work.jobs import Job
from ml_connector.work.settings import ConnectionSettings, SettingsError, decode_settings
from ml_connector.work.setup.progress import steps_of

Status = Literal["being set up", "sign-in needed", "disconnected", "paused", "running", "works", "settings wrong"]
Action = Literal["set up", "connect", "resume", "open", "settings"]


class ConnectionCard(msgspec.Struct, frozen=True, kw_only=True):
    """One connection. `last_run`: when invoices last went through; `action`: what its one button does.

    `steps_done` of `steps` count while it is being set up. `reason`: why it is not working, in words. `country` and `time_zone` say
    how the company writes days and times.
    """

    name: str
    company: str
    country: str
    time_zone: str
    company_codes: tuple[str, ...]
    status: Status
    reason: str
    last_run: datetime | None
    alerts: int
    action: Action
    steps_done: int
    steps: int


class ConnectionDetail(msgspec.Struct, frozen=True, kw_only=True):
    """A card with what an administrator looks at besides: the sign-in, and which secrets are stored, by name only."""

    card: ConnectionCard
    environment: str
    region: str
    signed_in: bool
    sign_in: TokenChainRow | None
    secrets: tuple[str, ...]


def card_of(tx: Tx, row: ConnectionRow) -> ConnectionCard:
    """One connection as a card."""
    past = jobs.get(tx, row.id, Job.INVOICES)
    status, reason, action = _standing(tx, row, past)
    steps = steps_of(tx, row) if status == "being set up" else ()
    settings = _settings(row)
    company = company_of(tx, row.id, settings) if settings else Company()
    return ConnectionCard(
        name=row.name,
        company=company.name,
        country=company.country,
        time_zone=company.time_zone,
        company_codes=tuple(code for code in row.company_codes if code),
        status=status,
        reason=reason,
        last_run=past.succeeded_at,
        alerts=sum(alerts.open_count(tx, row.id).values()),
        action=action,
        steps_done=sum(step.done for step in steps),
        steps=len(steps),
    )


def detail_of(tx: Tx, row: ConnectionRow) -> ConnectionDetail:
    """One connection in full."""
    chain, settings = token_chains.get(tx, row.id), _settings(row)
    return ConnectionDetail(
        card=card_of(tx, row),
        environment=settings.quickbooks.environment if settings else "",
        region=f"{settings.basware.region} {settings.basware.environment}" if settings else "",
        signed_in=chain is not None and chain.state is ChainState.LIVING,
        sign_in=chain,
        secrets=tuple(secrets.fields(tx, row.id)),
    )


def _settings(row: ConnectionRow) -> ConnectionSettings | None:
    try:
        return decode_settings(row.settings)
    except SettingsError:
        return None


def _standing(tx: Tx, row: ConnectionRow, past: JobRow) -> tuple[Status, str, Action]:
    """The status word, why, and what to do about it: what a person decided comes before what is the matter."""
    try:
        decode_settings(row.settings)
    except SettingsError as error:
        return "settings wrong", str(error), "settings"
    if row.setup_since is not None:
        return "being set up", "Nothing is posted before it is released.", "set up"
    if row.paused_at is not None:
        return "paused", f"{row.paused_by}: {row.pause_reason}", "resume"
    chain = token_chains.get(tx, row.id)
    if row.state is ConnectionState.PAUSED or (chain is not None and chain.state is ChainState.DISCONNECTED):
        return "disconnected", row.state_reason, "connect"
    if row.state is ConnectionState.SIGN_IN_NEEDED:
        return "sign-in needed", row.state_reason, "connect"
    running = past.started_at is not None and (past.finished_at is None or past.finished_at < past.started_at)
    return ("running" if running else "works"), _problem_now(past, chain), "open"


def _problem_now(past: JobRow, chain: TokenChainRow | None) -> str:
    """Why the last run failed, unless somebody has connected QuickBooks since: the next run shows what that was good for."""
    if chain is not None and past.finished_at is not None and chain.connected_at > past.finished_at:
        return ""
    return past.problem
