"""How the control interface reaches each of the two twins: their own words, put into common ones."""

from collections.abc import Mapping
from typing import Any

from twins.basware import BaswareTwin
from twins.quickbooks.faults import FaultError
from twins.quickbooks.twin import QuickBooksTwin


def _only(names: list[str], wanted: str) -> str:
    """The company meant: the one named, or the only one there is."""
    if wanted:
        if wanted not in names:
            raise KeyError(f"no company {wanted}")
        return wanted
    if len(names) != 1:
        raise ValueError(f"name the company, one of: {', '.join(names) or 'none yet'}")
    return names[0]


class QuickBooksPanel:
    """The control panel of a QuickBooks twin; its companies are named by realm id."""

    name = "quickbooks"

    def __init__(self, twin: QuickBooksTwin) -> None:
        self.twin = twin
        self._realms: list[str] = []

    @property
    def switches(self) -> Any:
        """The twin's switches."""
        return self.twin.switches

    def calls(self) -> Mapping[str, Any]:
        """Counts of requests by kind."""
        return self.twin.calls

    def companies(self) -> list[str]:
        """Realm ids, in the order they were seeded."""
        return list(self._realms)

    def seed(self, seed: dict[str, Any]) -> str:
        """Add a company; returns its realm id. Raises ValueError for a record QuickBooks could not hold."""
        try:
            self.twin.add_company(seed)
        except FaultError as fault:
            raise ValueError(f"QuickBooks could not hold this: {fault}") from fault
        realm_id = str(seed["realm_id"])
        self._realms.append(realm_id)
        return realm_id

    def act(self, company: str, action: str, details: dict[str, Any]) -> Any:
        """Do what a person would do in QuickBooks. Raises ValueError for what QuickBooks refuses."""
        try:
            return self.twin.act(_only(self._realms, company), action, **details)
        except FaultError as fault:
            raise ValueError(f"QuickBooks refused this: {fault}") from fault

    def books(self, company: str) -> Any:
        """All entities of the company."""
        return self.twin.books(_only(self._realms, company))

    def ledger(self, company: str) -> Any:
        """The company's general ledger."""
        return self.twin.ledger(_only(self._realms, company))

    def check(self, company: str) -> list[str]:
        """Whatever is wrong with the company's books."""
        return self.twin.check(_only(self._realms, company))


class BaswarePanel:
    """The control panel of a Basware twin; its tenants are named by client id, and documents by their own id alone."""

    name = "basware"

    def __init__(self, twin: BaswareTwin) -> None:
        self.twin = twin
        self._tenants: list[str] = []

    @property
    def switches(self) -> Any:
        """The twin's switches."""
        return self.twin.switches

    def calls(self) -> Mapping[str, Any]:
        """Counts of requests by kind."""
        return self.twin.calls

    def companies(self) -> list[str]:
        """Client ids, in the order they were seeded."""
        return list(self._tenants)

    def seed(self, seed: dict[str, Any]) -> str:
        """Add a tenant; returns its client id."""
        self._tenants.append(self.twin.add_tenant(seed))
        return self._tenants[-1]

    def act(self, company: str, action: str, details: dict[str, Any]) -> Any:
        """Do what a person would do in Basware. A new document goes to the tenant named; others are known by their id."""
        if company:
            _only(self._tenants, company)
        tenant = {"tenant": company} if company and action == "approve" else {}
        return self.twin.act(action, **tenant, **details)

    def books(self, company: str) -> Any:
        """Every accounting document of the tenant, or of all tenants."""
        return {"accountingDocuments": self.twin.documents(company)}

    def ledger(self, company: str) -> Any:
        """Every transfer response the tenant took, or all tenants."""
        return self.twin.answers(tenant=company)

    def check(self, company: str) -> list[str]:  # noqa: ARG002 - the twin checks all its tenants at once
        """Whatever is wrong with any tenant's documents."""
        return self.twin.check()
