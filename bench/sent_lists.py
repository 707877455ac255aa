"""A company whose QuickBooks lists go to Basware: what tests, the crash stories and the benchmarks ask of it."""

from typing import Any

import msgspec

from elsewhere import post_elsewhere
from ml_connector.model.mapping import Dimension
from ml_connector.store import mappings, outgoing
from ml_connector.store.outgoing import OutgoingRow
from ml_connector.work.jobs import Job, JobReport
from ml_connector.work.registry import PERFORM
from ml_connector.work.settings import ConnectionSettings
from twins.demo_company import basware_seed, quickbooks_seed
from world import Seeds, World

CODES = {
    "accounts": "accountCode",
    "costCenters": "costCenterCode",
    "GDM_CUSTOMER_PROJECTS": "projectCode",
    "taxCodes": "taxCode",
    "paymentTerms": "paymentTermCode",
    "exchangeRates": "externalCode",
}
"""Where each table of Purchase-to-Pay keeps its code; generic lists keep it in their first text."""

EMPTY = ("accounts", "costCenters", "projects", "taxCodes", "paymentTerms")


def nothing_in_basware(**lists: Any) -> Seeds:
    """The demo company with a Basware that was just set up: no lists, no documents, but for what is named."""
    seed = basware_seed() | {"accountingDocuments": [], "attachments": {}, "vendors": [], "lists": {}}
    return quickbooks_seed(), seed | {name: [] for name in EMPTY} | lists


class SentLists:
    """The company at work, one job at a time."""

    def __init__(self, world: World, **settings: Any) -> None:
        self.world = world
        self.settings(**settings)

    def settings(self, **changes: Any) -> None:
        """Change settings of `[basware.master_data]`, which is switched on."""

        def changed(known: ConnectionSettings) -> ConnectionSettings:
            own = msgspec.structs.replace(known.basware.master_data, **({"enabled": True} | changes))
            return msgspec.structs.replace(known, basware=msgspec.structs.replace(known.basware, master_data=own))

        self.world.change_settings(changed)

    def do(self, job: Job) -> JobReport:
        """Do one job as an engine does: with its lease."""
        desk = self.world.desk()
        desk.take_lease()
        try:
            return PERFORM[job](desk)
        finally:
            desk.release_lease()

    def go(self, rounds: int = 6) -> int:
        """Send, hear what became of it, send what waited for that, until nothing is left; how many records were sent."""
        sent = 0
        for _ in range(rounds):
            report = self.do(Job.MASTER_DATA)
            self.world.clock.advance(61)
            self.do(Job.OUTCOMES)
            if not report.counts["sent"]:
                return sent
            sent += report.counts["sent"]
        raise AssertionError(f"after {rounds} rounds there is still something to send: {report.outcome}")

    def in_quickbooks(self, action: str, **details: Any) -> dict[str, Any]:
        """A person does something in QuickBooks, and the change is read."""
        found = self.world.act(action, **details)
        self.world.clock.advance(60)
        self.do(Job.CHANGES)
        return found

    def enter(self, entity: str, **body: Any) -> str:
        """A person enters a list record in QuickBooks; its id."""
        return str(self.in_quickbooks("enter", entity=entity, body=body)["Id"])

    def post(self, path: str, body: Any) -> None:
        """Another program with all rights writes to Basware's interface."""
        post_elsewhere(self.world, path, msgspec.json.encode(body))

    @property
    def tenant(self) -> Any:
        """Basware's own books of the company."""
        return next(iter(self.world.basware._world.tenants.values()))

    def in_p2p(self, table: str) -> dict[str, dict[str, Any]]:
        """What Purchase-to-Pay has in a table, by code."""
        name = CODES.get(table, "text_1")
        return {str(row.entity[name]): row.entity for row in self.tenant.intake.p2p.rows(table)}

    def names(self, table: str) -> dict[str, str]:
        """The English name of everything people can choose in a table, by code."""
        return {code: english(one) for code, one in self.in_p2p(table).items() if is_active(one)}

    def rows(self, resource: str = "") -> dict[str, OutgoingRow]:
        """What Basware is to hold as it is kept here, by subject."""
        with self.world.database.read() as tx:
            found = outgoing.listing(tx, self.world.connection_id, resource=resource, limit=100_000)
        return {row.subject: row for row in found}

    def states(self, resource: str = "") -> set[str]:
        """How far the records of a list have come."""
        return {row.state.value for row in self.rows(resource).values()}

    def target(self, dimension: Dimension, code: str) -> str:
        """Where the mapping leads a code, empty for nowhere."""
        with self.world.database.read() as tx:
            rules = mappings.load(tx, self.world.connection_id).rules
        return next((one.target_id for one in rules if one.dimension is dimension and one.code == code), "")

    def posts(self, entity_type: str) -> int:
        """How many calls gave Basware records of a kind."""
        return sum(1 for one in self.tenant.intake.requests.values() if one.entity_type == entity_type)


def english(entity: dict[str, Any]) -> str:
    """The English name of a record in Basware."""
    for name, value in entity.items():
        if name.endswith("Names"):
            return next(one["translation"] for one in value if one["language"] == "en-US")
    return str(entity.get("projectName") or entity.get("text_2") or "")


def is_active(entity: dict[str, Any]) -> bool:
    """Whether people can choose a record in any company."""
    return any(one["active"] for one in entity["companies"])
