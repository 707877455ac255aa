"""Basware's subscriptions: how what a connection wants comes to be there, without harming anybody's.

What is there is replaced by making it again, never by deleting it first. Where Basware adds instead of replacing, deleting is the
only way; an alert that says so is stored before, so that whatever ends this program in between is seen and can be repaired.
"""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import msgspec

from ml_connector.basware.subscriptions import Subscription, taken
from ml_connector.store import alerts, audit, secrets, webhook_keys
from ml_connector.store.connections import ConnectionRow
from ml_connector.store.database import Tx
from ml_connector.store.schema import Severity, System
from ml_connector.work.settings import decode_settings
from ml_connector.work.webhook_setup import standing, tokens
from ml_connector.work.webhook_setup.office import OLD_TOKEN, TOKEN, WebhookOffice, WebhookSetupError
from ml_connector.work.webhook_setup.standing import Kind, SubscriptionLine, View

ALERT = "webhook-subscription"
"""The kind of alert that is open while Basware lacks a subscription the connection relies on."""

_NEVER = datetime(9999, 12, 31, tzinfo=UTC)


class Removed(msgspec.Struct, frozen=True, kw_only=True):
    """What a removal came to. `left`: ours that are still there; `others`: subscriptions of other programs that went with ours;
    `connections`: connections of the same account that are announced nothing any more."""

    left: tuple[SubscriptionLine, ...]
    others: tuple[SubscriptionLine, ...]
    connections: tuple[str, ...]


def lines_of(office: WebhookOffice) -> list[SubscriptionLine]:
    """Every subscription of the tenant, and those that are missing. Raises the alert about missing ones, or ends it."""
    lines = standing.lines(office.subscriptions.listing(), view_of(office, office.endpoint(System.BASWARE)))
    with office.database.write() as tx:
        tell(tx, office, lines)
    return lines


def look(office: WebhookOffice) -> list[SubscriptionLine]:
    """The same without telling anybody, also where nobody said how webhooks reach us: a subscription is ours by its token then."""
    return standing.lines(office.subscriptions.listing(), view_of(office, office.address(System.BASWARE)))


def view_of(office: WebhookOffice, endpoint: str) -> View:
    """From where a connection looks at the subscriptions of its account."""
    return View(
        endpoint=endpoint,
        token=office.secret(f"basware.{TOKEN}"),
        former=office.secret(f"basware.{OLD_TOKEN}"),
        wanted=standing.wanted(office.settings),
        shared=[kind for mate in _sharing(office) for kind in standing.wanted(decode_settings(mate.settings))],
    )


def tell(tx: Tx, office: WebhookOffice, lines: Sequence[SubscriptionLine]) -> int:
    """Raise the alert about what Basware does not announce to us, or end it; how many kinds that are."""
    lacking = [line.name for line in lines if line.state in standing.UNHEARD]
    now, connection_id = office.clock.now(), office.connection.id
    if not lacking or secrets.get(tx, office.vault, connection_id, f"basware.{TOKEN}") is None:
        alerts.clear(tx, connection_id, kind=ALERT, now=now)
        return 0
    message = (
        f"Basware does not announce {', '.join(lacking)} to us any more, so changes are found later. "
        f"Run `ml-connector webhooks repair {office.connection.name}` or, if webhooks are no longer wanted, "
        f"`ml-connector webhooks remove {office.connection.name}`."
    )
    alerts.raise_(tx, connection_id, kind=ALERT, subject="basware", message=message, severity=Severity.WARNING, now=now)
    return len(lacking)


def subscribe(
    office: WebhookOffice, *, actor: str, new_token: bool = False, mend: bool = False
) -> list[SubscriptionLine]:
    """Make the subscriptions that are missing; how it stands afterwards.

    `new_token`: sign everything with a new token from now on; the one before still counts until the next change. Broken off, the
    same call goes on where it was. `mend`: also put right what is there with another token or twice. Raises WebhookSetupError, and
    the errors of the Basware client.
    """
    endpoint = office.endpoint(System.BASWARE)
    found, view = office.subscriptions.listing(), view_of(office, endpoint)
    ours = view.ours(found)
    if new_token:
        _refuse_a_third_token(office, found, view)
    token = tokens.settle(office, {one.token for one in found}, actor=actor, fresh=new_token)
    view = view_of(office, endpoint)
    missing = [kind for kind in view.wanted if kind not in {one.kind for one in ours}]
    relied_on = {one.kind for one in ours} if new_token else {*view.wanted, *view.shared}
    unlike = [kind for kind in _unlike(ours, token) if kind in relied_on] if mend or new_token else []
    if due := [*missing, *unlike]:
        office.subscriptions.create(due, endpoint, token)
        _note(office, actor, "webhooks subscribed", due)
    if unlike:
        _replace_surplus(office, unlike, view, actor)
    return lines_of(office)


def _refuse_a_third_token(office: WebhookOffice, found: Sequence[Subscription], view: View) -> None:
    """A change that is finished at this address, and not at another one of ours, has to be finished there first."""
    if not view.former or any(one.token != view.token for one in view.ours(found)):
        return
    behind = sorted({one.url for one in found if one.token == view.former and one.url != view.endpoint})
    if view.ours(found) and behind:
        shown = ", ".join(standing.line_of(("", ""), url, "").address for url in behind)
        base = shown.partition("/webhooks/")[0]
        raise WebhookSetupError(
            f"Basware still signs calls to {shown} with the former token. Finish the change there with "
            f"`ml-connector webhooks subscribe {office.connection.name} --new-token --url {base}`, or, if nothing answers there, "
            "run `ml-connector webhooks remove` with that --url and then `ml-connector webhooks repair`."
        )


def _unlike(ours: Sequence[Subscription], token: str) -> list[Kind]:
    """Kinds that are there, and not exactly once with this token."""
    kinds = dict.fromkeys(one.kind for one in ours)
    return [kind for kind in kinds if [one.token for one in ours if one.kind == kind] != [token]]


def _replace_surplus(office: WebhookOffice, kinds: Sequence[Kind], view: View, actor: str) -> None:
    """Leave each kind once, where making it again added to what was there. Skips what could not be deleted without another's."""
    found = office.subscriptions.listing()
    due = [
        kind
        for kind in _unlike(view.ours(found), view.token)
        if kind in kinds and not _of_others(found, kind, view.endpoint)
    ]
    if not due:
        return
    under_way = [standing.line_of(kind, view.endpoint, standing.MISSING) for kind in due]
    with office.database.write(durable=True) as tx:
        tell(tx, office, under_way)
    for kind in due:
        office.subscriptions.delete(kind, _before_ours(found, kind, view.endpoint))
    office.subscriptions.create(due, view.endpoint, view.token)
    _note(office, actor, "webhooks replaced", due)


def _before_ours(found: Sequence[Subscription], kind: Kind, endpoint: str) -> datetime:
    """The latest moment before all of our subscriptions of a kind: the filter takes what changed after it."""
    changed = [one.updated_at for one in found if one.url == endpoint and one.kind == kind]
    return min(changed, default=_NEVER) - timedelta(seconds=1)


def _of_others(found: Sequence[Subscription], kind: Kind, endpoint: str) -> list[Subscription]:
    """What of other programs would be deleted together with ours of a kind."""
    return [one for one in taken(found, kind, _before_ours(found, kind, endpoint)) if one.url != endpoint]


def remove(office: WebhookOffice, *, actor: str, force: bool = False) -> Removed:
    """Delete our subscriptions and forget the token; what that came to.

    Raises WebhookSetupError unless `force`, when that would take other programs' subscriptions too, or those of connections that
    share the account; it names them.
    """
    endpoint = office.endpoint(System.BASWARE)
    found = office.subscriptions.listing()
    kinds = sorted({one.kind for one in found if one.url == endpoint})
    if not force:
        _refuse_harm(office, found, kinds, endpoint)
    for kind in kinds:
        office.subscriptions.delete(kind, _before_ours(found, kind, endpoint))
    now_there = office.subscriptions.listing()
    gone = [one for one in found if one.url != endpoint and one not in now_there]
    removed = Removed(
        left=tuple(
            standing.line_of(one.kind, one.url, standing.NOT_NEEDED) for one in now_there if one.url == endpoint
        ),
        others=tuple(standing.line_of(one.kind, one.url, standing.OF_OTHERS, one.updated_at) for one in gone),
        connections=tuple(mate.name for mate in _sharing(office)) if kinds else (),
    )
    _forget(office, actor, kinds, removed)
    return removed


def _forget(office: WebhookOffice, actor: str, kinds: Sequence[Kind], removed: Removed) -> None:
    now, connection_id = office.clock.now(), office.connection.id
    said = ", ".join("/".join(kind) for kind in kinds) or "none was there"
    if removed.others:
        said += f"; with them, of others: {', '.join(f'{line.name} at {line.address}' for line in removed.others)}"
    with office.database.write(durable=True) as tx:
        for field in (f"basware.{TOKEN}", f"basware.{OLD_TOKEN}"):
            secrets.remove(tx, connection_id, field)
        webhook_keys.forget_form(tx, connection_id, System.BASWARE)
        alerts.clear(tx, connection_id, kind=ALERT, now=now)
        audit.record(tx, connection_id, at=now, actor=actor, action="webhooks removed", subject="basware", reason=said)


def _refuse_harm(office: WebhookOffice, found: Sequence[Subscription], kinds: Sequence[Kind], endpoint: str) -> None:
    harmed = dict.fromkeys(
        standing.line_of(one.kind, one.url, "") for kind in kinds for one in _of_others(found, kind, endpoint)
    )
    if harmed:
        named = "; ".join(f"{line.name} at {line.address}" for line in harmed)
        raise WebhookSetupError(
            f"Basware deletes by filter, and this would delete other programs' subscriptions too: {named}. Nothing was deleted. "
            "Say --yes to delete them all the same; their owners then have to subscribe again."
        )
    sharing = [mate.name for mate in _sharing(office)]
    if sharing and kinds:
        raise WebhookSetupError(
            f"The connections {', '.join(sharing)} share this Basware account and its subscriptions. Nothing was deleted. "
            "Say --yes to delete them all the same; those connections then find changes later."
        )


def drop_former_token(office: WebhookOffice, *, actor: str) -> bool:
    """Let Basware's former token count no longer, for this connection; whether there was one.

    Raises WebhookSetupError while Basware still signs with it, and the errors of the Basware client: it has to be asked.
    """
    field = f"basware.{OLD_TOKEN}"
    former = office.secret(field)
    if not former:
        return False
    if any(one.token == former for one in office.subscriptions.listing()):
        raise WebhookSetupError(
            "Basware still signs with the former token, so it stays. Finish the change first: "
            f"`ml-connector webhooks subscribe {office.connection.name} --new-token`."
        )
    with office.database.write(durable=True) as tx:
        secrets.remove(tx, office.connection.id, field)
        audit.record(
            tx, office.connection.id, at=office.clock.now(), actor=actor, action="old webhook token removed",
            subject="basware",
        )  # fmt: skip
    return True


def _sharing(office: WebhookOffice) -> list[ConnectionRow]:
    """The other connections of the account that use its subscriptions."""
    return [mate for mate in office.tenant_mates if office.secret_of(mate, f"basware.{TOKEN}")]


def _note(office: WebhookOffice, actor: str, action: str, kinds: Sequence[Kind]) -> None:
    reason = ", ".join("/".join(kind) for kind in kinds)
    with office.database.write() as tx:
        audit.record(
            tx, office.connection.id, at=office.clock.now(), actor=actor, action=action, subject="basware", reason=reason
        )  # fmt: skip
