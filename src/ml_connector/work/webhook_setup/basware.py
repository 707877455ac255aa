"""Basware's subscriptions: what a connection wants, what is there, and how the one becomes the other without harming anybody's.

Tokens are stored before anything is told to Basware: it calls the address with the new token before it answers.
"""

import secrets as random
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

import msgspec

from ml_connector.basware.subscriptions import Subscription, taken
from ml_connector.store import alerts, audit, secrets, webhook_keys
from ml_connector.store.schema import Severity, System
from ml_connector.work.jobs import Job
from ml_connector.work.registry import enabled_jobs
from ml_connector.work.settings import ConnectionSettings
from ml_connector.work.webhook_setup.office import OLD_TOKEN, TOKEN, WebhookOffice, WebhookSetupError

ALERT = "webhook-subscription"
"""The kind of alert that is open while Basware lacks a subscription the connection relies on."""

KINDS: dict[Job, tuple[tuple[str, str], ...]] = {
    Job.INVOICES: (("AccountingDocuments", "WaitingForTransfer"),),
    Job.ORDERS: (("ExportedPurchaseOrders", "WaitingForExport"),),
    Job.OUTCOMES: (("RequestStatus", "Error"), ("RequestStatus", "Success")),
}
"""What each job wants to be told of. Never the sub type `All`: a subscription to it cannot be deleted without every other one of
its type, since `All` in a delete call means any."""

_NEVER = datetime(9999, 12, 31, tzinfo=UTC)


class SubscriptionLine(msgspec.Struct, frozen=True, kw_only=True):
    """A subscription at Basware, or one that is missing there. `address` is without anything that could be secret in it.

    `state`: good; missing; other token (calls would be refused); twice; not needed (ours, and no job wants it); of others.
    """

    task_type: str
    task_sub_type: str
    address: str
    state: str
    updated_at: datetime | None


def wanted(settings: ConnectionSettings) -> list[tuple[str, str]]:
    """What a connection's jobs want to be told of."""
    jobs = enabled_jobs(settings)
    return [kind for job, kinds in KINDS.items() if job in jobs for kind in kinds]


def lines_of(office: WebhookOffice) -> list[SubscriptionLine]:
    """Every subscription of the tenant, and those that are missing. Raises the alert about missing ones, or ends it."""
    endpoint, token = office.endpoint(System.BASWARE), office.secret(f"basware.{TOKEN}")
    lines = _lines(office.subscriptions.listing(), wanted(office.settings), endpoint, token)
    _tell(office, lines)
    return lines


def _lines(
    found: Sequence[Subscription], relied_on: Sequence[tuple[str, str]], endpoint: str, token: str
) -> list[SubscriptionLine]:
    lines: list[SubscriptionLine] = []
    ours = [one for one in found if one.url == endpoint]
    for one in found:
        if one.url != endpoint:
            state = "of others"
        elif one.kind not in relied_on:
            state = "not needed"
        elif one.token != token or not token:
            state = "other token"
        else:
            state = "good" if sum(other.kind == one.kind for other in ours) == 1 else "twice"
        lines.append(_line(one.kind, one.url, state, one.updated_at))
    missing = [kind for kind in relied_on if kind not in {one.kind for one in ours}]
    return lines + [_line(kind, endpoint, "missing", None) for kind in missing]


def _line(kind: tuple[str, str], url: str, state: str, updated_at: datetime | None) -> SubscriptionLine:
    parts = urlsplit(url)
    shown = f"{parts.scheme}://{parts.hostname or ''}{f':{parts.port}' if parts.port else ''}{parts.path}"
    return SubscriptionLine(task_type=kind[0], task_sub_type=kind[1], address=shown, state=state, updated_at=updated_at)


def _tell(office: WebhookOffice, lines: Sequence[SubscriptionLine]) -> None:
    lacking = [f"{line.task_type}/{line.task_sub_type}" for line in lines if line.state in {"missing", "other token"}]
    now, connection_id = office.clock.now(), office.connection.id
    subscribed = bool(office.secret(f"basware.{TOKEN}"))
    with office.database.write() as tx:
        if not lacking or not subscribed:
            alerts.clear(tx, connection_id, kind=ALERT, now=now)
            return
        message = (
            f"Basware does not announce {', '.join(lacking)} to us any more, so changes are found later. "
            "Run `ml-connector webhooks repair`."
        )
        alerts.raise_(
            tx, connection_id, kind=ALERT, subject="basware", message=message, severity=Severity.WARNING, now=now
        )


def subscribe(
    office: WebhookOffice, *, actor: str, new_token: bool = False, mend: bool = False
) -> list[SubscriptionLine]:
    """Make the subscriptions that are missing; how it stands afterwards.

    `new_token`: sign everything with a new token from now on; the one before still counts until the next change. `mend`: also put
    right what is there with another token or twice. Raises WebhookSetupError, and the errors of the Basware client.
    """
    endpoint = office.endpoint(System.BASWARE)
    found = office.subscriptions.listing()
    token = _token(office, actor=actor, fresh=new_token)
    ours = [one for one in found if one.url == endpoint]
    wrong: list[tuple[str, str]] = []
    for kind in wanted(office.settings):
        same = [one for one in ours if one.kind == kind]
        if same and [one.token for one in same] != [token]:
            wrong.append(kind)
    if mend:
        for kind in wrong:
            _delete_ours(office, found, kind, endpoint)
    due = [kind for kind in wanted(office.settings) if kind not in {one.kind for one in ours}]
    due += wrong if mend or new_token else []
    if due:
        office.subscriptions.create(due, endpoint, token)
        _note(office, actor, "webhooks subscribed", ", ".join("/".join(kind) for kind in due))
    return lines_of(office)


def _token(office: WebhookOffice, *, actor: str, fresh: bool) -> str:
    """The token Basware signs with, stored for good before anybody else hears of it. Connections of one account share theirs."""
    field, old = f"basware.{TOKEN}", f"basware.{OLD_TOKEN}"
    present = office.secret(field)
    if present and not fresh:
        return present
    with_token = [mate for mate in office.tenant_mates if office.secret_of(mate, field)]
    shared = office.secret_of(with_token[0], field) if with_token else ""
    token = shared if shared and not fresh else random.token_urlsafe(32)
    rows = [office.connection, *(with_token if fresh else [])]
    now = office.clock.now()
    with office.database.write(durable=True) as tx:
        for row in rows:
            former = secrets.get(tx, office.vault, row.id, field)
            if former is not None:
                secrets.put(tx, office.vault, row.id, old, former.reveal(), now)
            secrets.put(tx, office.vault, row.id, field, token, now)
            webhook_keys.forget_form(tx, row.id, System.BASWARE)
            audit.record(tx, row.id, at=now, actor=actor, action="webhook token stored", subject="basware")
    return token


def _delete_ours(office: WebhookOffice, found: Sequence[Subscription], kind: tuple[str, str], endpoint: str) -> None:
    """Delete our subscriptions of a kind, unless the call would take somebody else's too."""
    ours, since = _ours(found, kind, endpoint)
    if ours and not _of_others(found, kind, since, endpoint):
        office.subscriptions.delete(kind, since)


def _ours(found: Sequence[Subscription], kind: tuple[str, str], endpoint: str) -> tuple[list[Subscription], datetime]:
    """Our subscriptions of a kind, and the latest moment before all of them: the filter takes what changed after it."""
    ours = [one for one in found if one.url == endpoint and one.kind == kind]
    earliest = min((one.updated_at for one in ours), default=_NEVER)
    return ours, earliest - timedelta(seconds=1)


def _of_others(
    found: Sequence[Subscription], kind: tuple[str, str], since: datetime, endpoint: str
) -> list[Subscription]:
    return [one for one in taken(found, kind, since) if one.url != endpoint]


def remove(office: WebhookOffice, *, actor: str, force: bool = False) -> list[SubscriptionLine]:
    """Delete our subscriptions and forget the token; how it stands afterwards.

    Raises WebhookSetupError unless `force`, when that would take other programs' subscriptions too, or those of connections that
    share the account; it names them.
    """
    endpoint = office.endpoint(System.BASWARE)
    found = office.subscriptions.listing()
    kinds = sorted({one.kind for one in found if one.url == endpoint})
    _refuse_harm(office, found, kinds, endpoint, force=force)
    for kind in kinds:
        _, since = _ours(found, kind, endpoint)
        office.subscriptions.delete(kind, since)
    now = office.clock.now()
    with office.database.write(durable=True) as tx:
        for field in (f"basware.{TOKEN}", f"basware.{OLD_TOKEN}"):
            secrets.remove(tx, office.connection.id, field)
        webhook_keys.forget_form(tx, office.connection.id, System.BASWARE)
        alerts.clear(tx, office.connection.id, kind=ALERT, now=now)
        names = ", ".join("/".join(kind) for kind in kinds) or "none was there"
        audit.record(
            tx, office.connection.id, at=now, actor=actor, action="webhooks removed", subject="basware", reason=names
        )
    return [line for line in _lines(office.subscriptions.listing(), [], endpoint, "") if line.state != "of others"]


def _refuse_harm(
    office: WebhookOffice,
    found: Sequence[Subscription],
    kinds: Sequence[tuple[str, str]],
    endpoint: str,
    *,
    force: bool,
) -> None:
    if force:
        return
    harmed: dict[tuple[str, str, str], None] = {}
    for kind in kinds:
        _, since = _ours(found, kind, endpoint)
        for one in _of_others(found, kind, since, endpoint):
            harmed[(*one.kind, _line(one.kind, one.url, "", None).address)] = None
    if harmed:
        named = "; ".join(f"{task}/{sub} at {address}" for task, sub, address in harmed)
        raise WebhookSetupError(
            f"Basware deletes by filter, and this would delete other programs' subscriptions too: {named}. Nothing was deleted. "
            "Say --yes to delete them all the same; their owners then have to subscribe again."
        )
    sharing = [mate.name for mate in office.tenant_mates if office.secret_of(mate, f"basware.{TOKEN}")]
    if sharing and kinds:
        raise WebhookSetupError(
            f"The connections {', '.join(sharing)} share this Basware account and its subscriptions. Nothing was deleted. "
            "Say --yes to delete them all the same; those connections then find changes later."
        )


def _note(office: WebhookOffice, actor: str, action: str, reason: str) -> None:
    with office.database.write() as tx:
        audit.record(
            tx,
            office.connection.id,
            at=office.clock.now(),
            actor=actor,
            action=action,
            subject="basware",
            reason=reason,
        )
