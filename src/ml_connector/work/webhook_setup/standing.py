"""How a connection's subscriptions at Basware stand: what its jobs want, beside what the tenant's list shows.

Decides words only, without asking anybody. Basware's list shows the token of every subscription, so it also tells which of our
tokens a call is signed with.
"""

from collections.abc import Collection, Sequence
from datetime import datetime
from urllib.parse import urlsplit

import msgspec

from ml_connector.basware.subscriptions import Subscription
from ml_connector.model.taken_back import ASKED
from ml_connector.work.jobs import Job
from ml_connector.work.settings import ConnectionSettings

Kind = tuple[str, str]
"""Task type and sub type."""

CONTRACTS: tuple[Kind, ...] = (
    ("ExportedContracts", "WaitingForExport"),
    ("ExportedContractSpends", "WaitingForExport"),
)
"""What the job `orders` wants to be told of where it takes contracts over."""

KINDS: dict[Job, tuple[Kind, ...]] = {
    Job.INVOICES: tuple(("AccountingDocuments", status) for status in ("WaitingForTransfer", *ASKED)),
    Job.ORDERS: (("ExportedPurchaseOrders", "WaitingForExport"), *CONTRACTS),
    Job.OUTCOMES: (("RequestStatus", "Error"), ("RequestStatus", "Success")),
}
"""What each job wants to be told of. Never the sub type `All`: a subscription to it cannot be deleted without every other one of
its type, since `All` in a delete call means any."""

GOOD, MISSING, OTHER_TOKEN, FORMER_TOKEN = "good", "missing", "other token", "former token"
TWICE, SHARED, NOT_NEEDED, OF_OTHERS = "twice", "shared", "not needed", "of others"

UNHEARD = frozenset({MISSING, OTHER_TOKEN})
"""States in which nothing reaches us."""
TO_REPAIR = UNHEARD | {TWICE}
"""States that `webhooks repair` puts right."""


class SubscriptionLine(msgspec.Struct, frozen=True, kw_only=True):
    """A subscription at Basware, or one that is missing there. `address` is without anything that could be secret in it.

    `state`: good; missing; other token (calls are refused); former token (calls are taken, but a change of token is unfinished);
    twice; shared (wanted by another connection of the account only); not needed (ours, and no job wants it); of others.
    """

    task_type: str
    task_sub_type: str
    address: str
    state: str
    updated_at: datetime | None

    @property
    def name(self) -> str:
        """Both types in one word."""
        return f"{self.task_type}/{self.task_sub_type}"


class View(msgspec.Struct, frozen=True, kw_only=True):
    """From where subscriptions are looked at. `shared`: what other connections of the account want; `endpoint`: where we are
    delivered to; empty when nobody said, and then a subscription is ours by its token."""

    endpoint: str
    token: str
    former: str
    wanted: Sequence[Kind]
    shared: Collection[Kind]

    def ours(self, found: Sequence[Subscription]) -> list[Subscription]:
        """Those of a tenant's subscriptions that deliver to us."""
        if self.endpoint:
            return [one for one in found if one.url == self.endpoint]
        return [one for one in found if one.token and one.token in {self.token, self.former}]


def wanted(settings: ConnectionSettings) -> list[Kind]:
    """What a connection's jobs want to be told of."""
    own = settings.basware
    jobs = {Job.INVOICES: True, Job.ORDERS: own.orders.enabled, Job.OUTCOMES: own.outcomes.enabled}
    return [
        kind
        for job, kinds in KINDS.items()
        for kind in kinds
        if jobs[job] and (own.orders.contracts or kind not in CONTRACTS)
    ]


def lines(found: Sequence[Subscription], view: View) -> list[SubscriptionLine]:
    """Every subscription of the tenant in the order of its list, then those that are missing."""
    ours = view.ours(found)
    there = {one.kind for one in ours}
    shown = [line_of(one.kind, one.url, _state(one, ours, view), one.updated_at) for one in found]
    return shown + [line_of(kind, view.endpoint, MISSING, None) for kind in view.wanted if kind not in there]


def _state(one: Subscription, ours: Sequence[Subscription], view: View) -> str:
    if one not in ours:
        return OF_OTHERS
    if one.kind not in view.wanted:
        return SHARED if one.kind in view.shared else NOT_NEEDED
    if not one.token or one.token not in {view.token, view.former}:
        return OTHER_TOKEN
    if sum(other.kind == one.kind for other in ours) > 1:
        return TWICE
    return GOOD if one.token == view.token else FORMER_TOKEN


def line_of(kind: Kind, url: str, state: str, updated_at: datetime | None = None) -> SubscriptionLine:
    """A line to show. An address may carry a user, a password or a key in its query; none of these is shown."""
    parts = urlsplit(url)
    shown = (
        f"{parts.scheme}://{parts.hostname or ''}{f':{parts.port}' if parts.port else ''}{parts.path}" if url else ""
    )
    return SubscriptionLine(task_type=kind[0], task_sub_type=kind[1], address=shown, state=state, updated_at=updated_at)
