"""The control panel of a QuickBooks twin: what the control interface asks, in the twin's own words."""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from twins import described
from twins.controls.answers import ControlError, one_of, the_company
from twins.described import Described
from twins.manners import Manners
from twins.outgoing import Outbox
from twins.quickbooks import listing
from twins.quickbooks.acts import ACTIONS
from twins.quickbooks.company import Company
from twins.quickbooks.faults import FaultError
from twins.quickbooks.manners import QuickBooksManners
from twins.quickbooks.sign_in import ACTIONS as CONNECTION_ACTIONS
from twins.quickbooks.twin import QuickBooksTwin
from twins.quickbooks.webhooks import WebhookSettings
from twins.rows import AccountRow, DocumentRow, VendorRow

Row = dict[str, Any]

_CREDENTIALS = ("realm_id", "client_id", "client_secret", "refresh_token")
_FORGET = Described(
    "forget_answers", "Lose the answers kept for request ids, as if too old: a repeat is done anew.", ()
)


class QuickBooksPanel:
    """The control panel of a QuickBooks twin; its companies are named by realm id."""

    name = "quickbooks"
    manners: Manners = QuickBooksManners()

    def __init__(self, twin: QuickBooksTwin) -> None:
        self.twin = twin
        self._credentials: dict[str, Row] = {}

    @property
    def switches(self) -> Any:
        """The twin's switches."""
        return self.twin.switches

    def calls(self) -> Mapping[str, Any]:
        """Counts of requests by kind."""
        return self.twin.calls

    def metering(self) -> Any:
        """Intuit's monthly meter, by workspace and company."""
        return self.twin.meter.report()

    def companies(self) -> list[str]:
        """Realm ids, in the order they were seeded."""
        return list(self._credentials)

    def credentials(self) -> list[Row]:
        """Realm id, application keys and first refresh token."""
        return list(self._credentials.values())

    def seed(self, seed: Row) -> str:
        """Add a company; returns its realm id. Raises ControlError for a record QuickBooks could not hold."""
        if missing := [name for name in _CREDENTIALS if not seed.get(name)]:
            raise ControlError(f"the QuickBooks seed lacks {', '.join(missing)}", after="see docs/twins/README.md")
        realm_id = str(seed["realm_id"])
        if realm_id in self._credentials:
            raise ControlError(f"the company {realm_id} is there already", "each realm id is taken once")
        try:
            self.twin.add_company(seed)
        except FaultError as fault:
            raise ControlError(f"QuickBooks could not hold this: {fault}") from fault
        self._credentials[realm_id] = {name: seed[name] for name in _CREDENTIALS}
        return realm_id

    def acts(self) -> Sequence[Described]:
        """What people do in QuickBooks' pages, what happens to connections, and what the service itself may do."""
        named: Mapping[str, Any] = {**ACTIONS, **CONNECTION_ACTIONS}
        return [*(described.act(name, act) for name, act in named.items()), _FORGET]

    def act(self, company: str, action: str, details: Row) -> Any:
        """Do one of them. Raises ControlError for what QuickBooks refuses."""
        realm_id = the_company(company, self.companies())
        if action == _FORGET.name:
            self.twin.forget_answers(realm_id)
            return {}
        try:
            return self.twin.act(realm_id, action, **details)
        except FaultError as fault:
            raise ControlError(f"QuickBooks refused this: {fault}") from fault

    def books(self, company: str) -> Any:
        """All entities of the company."""
        return self.twin.books(the_company(company, self.companies()))

    def ledger(self, company: str, **only: str) -> Sequence[Any]:
        """The company's general ledger, or what concerns one `account`, `vendor` or `document` (as Bill:145)."""
        return [posting.body() for posting in listing.ledger(self._company(company), **only)]

    def trial_balance(self, company: str) -> Sequence[AccountRow]:
        """What was posted to each account, in home currency."""
        return listing.trial_balance(self._company(company))

    def check(self, company: str) -> list[str]:
        """Whatever is wrong with the company's books."""
        return self.twin.check(the_company(company, self.companies()))

    def documents(self, company: str) -> Sequence[DocumentRow]:
        """Bills, credits, entries, payments and orders."""
        return listing.documents(self._company(company))

    def vendors(self, company: str) -> Sequence[VendorRow]:
        """All vendors with their balances."""
        return listing.vendors(self._company(company))

    def record(self, company: str, kind: str, key: str) -> Any:
        """A record by entity and id. Raises KeyError."""
        holder = self._company(company)
        found = holder.get(one_of(kind, sorted(holder.tables), "entity"), key)
        if found is None:
            raise KeyError(f"{kind} {key} never was, or is deleted")
        return holder.present(kind, found)

    def outboxes(self) -> Mapping[str, Outbox]:
        """The notifications of all applications."""
        return {self.name: self.twin.outbox}

    def webhooks(self) -> Any:
        """The settings by application, without verifier tokens."""
        return self.twin.webhooks.configured()

    def configure_webhooks(self, settings: Row) -> Any:
        """Settings of an application as its owner enters them in the developer portal; `client_id` says whose."""
        given = dict(settings)
        client_id, removing = str(given.pop("client_id", "")), given.pop("remove", False)
        known = sorted({str(row["client_id"]) for row in self._credentials.values()})
        client_id = the_company(client_id, known)
        if removing:
            self.twin.webhooks.remove(
                one_of(client_id, sorted(self.twin.webhooks.configured()), "notified application")
            )
        else:
            self.twin.webhooks.configure(client_id, msgspec.convert(given, WebhookSettings))
        return self.webhooks()

    def _company(self, name: str) -> Company:
        return self.twin.companies[the_company(name, self.companies())]
