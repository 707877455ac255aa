"""The control panel of Basware: what the control interface asks, in the twin's own words."""

from collections.abc import Mapping, Sequence
from typing import Any

from twins import described
from twins.basware import listing
from twins.basware.acts import ACTS
from twins.basware.instances import BaswareInstances
from twins.basware.manners import BaswareManners
from twins.basware.twin import BaswareTwin
from twins.controls.answers import ControlError, one_of
from twins.described import Described
from twins.manners import Manners
from twins.outgoing import Outbox
from twins.rows import AccountRow, DocumentRow, VendorRow

Row = dict[str, Any]

_CREDENTIALS = ("client_id", "client_secret", "user", "password", "bwcid", "companies")
_REVOKE = Described("revoke_tokens", "Make every access token worthless, as Basware does with a new client secret.", ())


class BaswarePanel:
    """The control panel of Basware, one region or all; its tenants are named by client id, and documents by their own id alone."""

    name = "basware"
    manners: Manners = BaswareManners()

    def __init__(self, twin: BaswareTwin | BaswareInstances) -> None:
        self.twin = twin
        self._credentials: dict[str, Row] = {}

    @property
    def switches(self) -> Any:
        """The switches; all regions have the same."""
        return self.twin.switches

    def calls(self) -> Mapping[str, Any]:
        """Counts of requests by kind."""
        return self.twin.calls

    def metering(self) -> Any:
        """Basware publishes no meter."""
        return None

    def companies(self) -> list[str]:
        """Client ids, in the order they were seeded."""
        return list(self._credentials)

    def credentials(self) -> list[Row]:
        """Client keys, user and password, companies, and where the tenant lives."""
        return list(self._credentials.values())

    def seed(self, seed: Row) -> str:
        """Add a tenant; returns its client id."""
        client_id = self.twin.add_tenant(seed)
        shown = {name: seed[name] for name in _CREDENTIALS}
        if seed.get("network"):
            shown["network"] = dict(seed["network"])
        if isinstance(self.twin, BaswareInstances):
            place = self.twin.tenants[client_id]
            shown |= {"region": place.region, "environment": place.environment}
        self._credentials[client_id] = shown
        return client_id

    def acts(self) -> Sequence[Described]:
        """What people do in Basware's screens, and what Basware's own staff may do. The tenant is the company of the act."""
        found = []
        for name, act in ACTS.items():
            taken = described.act(name, act)
            found.append(Described(name, taken.help, tuple(one for one in taken.parameters if one.name != "tenant")))
        return [*found, _REVOKE]

    def act(self, company: str, action: str, details: Row) -> Any:
        """Do one of them. An act that needs to know the tenant gets the company; documents are known by their own id."""
        if action == _REVOKE.name:
            self.twin.revoke_tokens()
            return {}
        known = self._known(company)
        twin = self.twin.twin_of(known) if known and isinstance(self.twin, BaswareInstances) else self.twin
        takes_tenant = any(one.name == "tenant" for one in described.act(action, ACTS[action]).parameters)
        tenant = {"tenant": known or self._only_tenant()} if takes_tenant else {}
        return twin.act(action, **{name: value for name, value in tenant.items() if value}, **details)

    def books(self, company: str) -> Any:
        """Everything held for the tenant, or for all tenants."""
        tenant = self._known(company)
        return {"accountingDocuments": self.twin.documents(tenant), **self.twin.master_data(tenant)}

    def ledger(self, company: str, **only: str) -> Sequence[Any]:
        """Every transfer response the tenant's documents got, or those of one `document`."""
        answers = self.twin.answers(tenant=self._known(company))
        return [one for one in answers if only.get("document", one["invoiceId"]) == one["invoiceId"]]

    def trial_balance(self, company: str) -> Sequence[AccountRow]:  # noqa: ARG002 - the form of all panels
        """Basware keeps no general ledger."""
        return []

    def check(self, company: str) -> list[str]:  # noqa: ARG002 - the twin checks all its tenants at once
        """Whatever is wrong with any tenant's documents."""
        return self.twin.check()

    def documents(self, company: str) -> Sequence[DocumentRow]:
        """Accounting documents."""
        return [listing.document(entity) for entity in self.twin.documents(self._known(company))]

    def vendors(self, company: str) -> Sequence[VendorRow]:
        """Vendors as P2P has them, imported or entered by hand."""
        return [listing.vendor(entity) for entity in self.twin.p2p_rows("vendors", self._known(company))]

    def record(self, company: str, kind: str, key: str) -> Any:
        """An accounting document by its invoice id, or a record of a P2P table by its external code. Raises KeyError."""
        if kind == listing.KIND:
            found = (one for one in self.twin.documents(self._known(company)) if one["invoiceId"] == key)
        else:
            found = (row for row in self.twin.p2p_rows(kind, self._known(company)) if row.get("externalCode") == key)
        entity = next(found, None)
        if entity is None:
            raise KeyError("it never was, or belongs to another tenant")
        return entity

    def outboxes(self) -> Mapping[str, Outbox]:
        """The push notifications of each system in use."""
        if isinstance(self.twin, BaswareInstances):
            return {place.name: outbox for place, outbox in self.twin.outboxes.items()}
        return {self.name: self.twin.outbox}

    def webhooks(self) -> Any:
        """Subscriptions by tenant, without their keys."""
        return {tenant: self.twin.subscriptions(tenant) for tenant in self.companies()}

    def configure_webhooks(self, settings: Row) -> Any:  # noqa: ARG002 - the form of all panels
        """Basware's clients subscribe by its interface."""
        raise ControlError(
            "nobody sets up Basware's notifications by hand",
            "a client does it by the interface itself",
            "call POST /v1/subscriptions, or give the seed of the tenant `subscriptions`",
        )

    def _known(self, company: str) -> str:
        return one_of(company, self.companies(), "company") if company else ""

    def _only_tenant(self) -> str:
        return self.companies()[0] if len(self.companies()) == 1 else ""
