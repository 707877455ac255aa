"""A scene for tests: a company whose invoices have files, and what QuickBooks holds of them by its own books."""

import base64
from pathlib import Path
from typing import Any

import msgspec

from ml_connector.model.policy import PostingPolicy, SeveralLocations
from ml_connector.store import alerts, attachments
from ml_connector.store.database import Database
from ml_connector.work.jobs import Job, JobReport
from ml_connector.work.p2p_settings import AttachmentsFeed
from ml_connector.work.registry import PERFORM
from ml_connector.work.settings import ConnectionSettings
from paperwork import invoice, line
from twins.demo_company.documents import Row
from world import World, build_world

PDF = b"%PDF-1.7 an invoice"


def paper(name: str, content: bytes = PDF, category: str = "ORIGINALIMAGE") -> dict[str, Any]:
    """A file as somebody attaches it in Basware."""
    encoded = base64.b64encode(content).decode()
    return {"filename": name, "content_type": "application/pdf", "content_base64": encoded, "category": category}


class Archive:
    """The company at work, with its files."""

    def __init__(self, database: Database, spool: Path) -> None:
        policy = PostingPolicy(several_locations=SeveralLocations.ONE_BILL_PER_LOCATION)
        self.world: World = build_world(database, company="empty", policy=policy)
        self.world.app.home = spool

    def settings(self, **changes: Any) -> None:
        """Change `[basware.attachments]`."""

        def changed(known: ConnectionSettings) -> ConnectionSettings:
            own = AttachmentsFeed(**changes)
            return msgspec.structs.replace(known, basware=msgspec.structs.replace(known.basware, attachments=own))

        self.world.change_settings(changed)

    def approve(self, number: str, *rows: Row, **files: dict[str, Any]) -> str:
        """Approve an invoice with these files, by code, and have it posted and answered; its id."""
        document = invoice(number, *(rows or (line("40.00"),)))
        invoice_id = self.world.basware.act("approve", document=document, files=files)
        self.world.settle()
        return invoice_id

    def copy(self, seconds: float = 60) -> JobReport:
        """Run the job some time later, as an engine does."""
        self.world.clock.advance(seconds)
        desk = self.world.desk()
        desk.take_lease()
        try:
            return PERFORM[Job.ATTACHMENTS](desk)
        finally:
            desk.release_lease()

    def in_quickbooks(self) -> list[tuple[str, bytes, set[tuple[str, str]]]]:
        """Every file QuickBooks holds: name, content, and the records it is attached to."""
        company = self.world.quickbooks.companies[self.world.realm_id]
        found = []
        for record in self.world.quickbooks.books(self.world.realm_id)["Attachable"]:
            content = self.world.quickbooks._api.files.contents[company.realm_id, record["Id"]]
            refs = {(ref["EntityRef"]["type"], ref["EntityRef"]["value"]) for ref in record.get("AttachableRef", ())}
            found.append((record["FileName"], content, refs))
        return sorted(found, key=lambda one: one[0])

    def transactions(self, invoice_id: str) -> set[tuple[str, str]]:
        """What a document became, by QuickBooks' own books."""
        return {(kind, record["Id"]) for kind, record in self.world.posted(invoice_id)}

    def files(self) -> dict[str, attachments.FileLine]:
        """Every file as it is kept here, by code."""
        with self.world.database.read() as tx:
            keys = attachments.ordered(self.world.connection_id).read(tx)
            return {row.code: row for row in attachments.these(tx, self.world.connection_id, keys)}

    def alerts(self) -> list[str]:
        """What people are told of files now."""
        with self.world.database.read() as tx:
            return [one.message for one in alerts.listing(tx, self.world.connection_id) if "files" in one.kind]
