"""Which connections belong together: one customer of Basware's, one sign-in there, one app at Intuit.

Asked before a connection is saved, since of one Basware company only one may take documents over, and by whatever is set up or
told for all of them at once.
"""

from collections.abc import Callable, Mapping

from ml_connector.app.basware_accounts import BaswareAccounts
from ml_connector.app.registration import CompanyCodeTakenError
from ml_connector.store import connections
from ml_connector.store.connections import ConnectionRow
from ml_connector.store.database import Database
from ml_connector.work.same_customer import customers, of_one_customer
from ml_connector.work.settings import ConnectionFile, SettingsError


class Mates:
    """Answers from what is stored now."""

    def __init__(self, database: Database, basware: BaswareAccounts) -> None:
        self._database, self._basware = database, basware

    def refuse_shared_codes(self, file: ConnectionFile, resolved: Mapping[str, str]) -> None:
        """Documents of one Basware company would be posted in two QuickBooks companies: nobody can want that.

        Raises CompanyCodeTakenError.
        """
        with self._database.read() as tx:
            known = connections.list_all(tx)
            signed_in = customers(tx, known)
        own = next((row for row in known if row.name == file.name), None)
        tenant = self._basware.tenant_of_file(file.settings.basware, own, resolved)
        mates = {one.id for one in of_one_customer(own, known, signed_in)} if own is not None else set()
        for other in known:
            shared = [code for code in file.settings.basware.company_codes if code in other.company_codes]
            same = other.id in mates or (all(tenant) and self._may_be_of(tenant, other))
            if other.name != file.name and shared and same:
                raise CompanyCodeTakenError(shared[0], other.name)

    def of_tenant(self, row: ConnectionRow) -> list[ConnectionRow]:
        """A connection and all others with its sign-in at Basware or of the same customer, oldest first, as they are stored now."""
        wanted = self._basware.tenant_of(row)
        with self._database.read() as tx:
            known = connections.list_all(tx)
            mates = {one.id for one in of_one_customer(row, known, customers(tx, known))}
        found = [one for one in known if one.id in {row.id, *mates} or self._may_be_of(wanted, one)]
        return sorted(found, key=lambda one: (one.created_at, one.id))

    def alike(self, row: ConnectionRow, owner: Callable[[ConnectionRow], tuple[str, ...]]) -> list[ConnectionRow]:
        """The other connections that answer a question about themselves as this one does."""
        with self._database.read() as tx:
            others = [one for one in connections.list_all(tx) if one.id != row.id]
        wanted = owner(row)
        return [one for one in others if all(wanted) and owner(one) == wanted]

    def _may_be_of(self, tenant: tuple[str, ...], row: ConnectionRow) -> bool:
        """Whether a connection has this sign-in at Basware; one whose settings nobody can read any more may well have."""
        try:
            return self._basware.tenant_of(row) == tenant
        except SettingsError:
            return True
