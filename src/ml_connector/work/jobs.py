"""The jobs of a connection: what each is called, what it needs, and the one shape in which each reports.

A job is a function of a desk. It carries no data: what is due is a query over the tables, so a lost run is made up for by the
next and running one twice is harmless. `registry.py` says which function does which job.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from enum import StrEnum

import msgspec

from ml_connector.store.schema import Priority
from ml_connector.work.desk import Desk


class Job(StrEnum):
    """What can be planned, paused and asked for, by the name people use."""

    INVOICES = "invoices"
    CHANGES = "changes"
    ORDERS = "orders"
    VENDORS = "vendors"
    ATTACHMENTS = "attachments"
    MASTER_DATA = "master-data"
    PAYMENTS = "payments"
    OUTCOMES = "outcomes"
    NOTICES = "notices"
    NETWORK = "network"
    EXTRACTS = "extracts"
    SIGN_IN = "sign-in"


ABOUT = {
    Job.INVOICES: "take approved invoices over, post them, answer Basware",
    Job.CHANGES: "read what changed in QuickBooks",
    Job.ORDERS: "take exported purchase orders over from Basware",
    Job.VENDORS: "read the vendors other programs gave to Basware",
    Job.MASTER_DATA: "give Basware the accounts, dimensions, terms, taxes, vendors and orders of QuickBooks",
    Job.PAYMENTS: "tell Basware how far documents are paid in QuickBooks",
    Job.ATTACHMENTS: "copy the files of posted documents to QuickBooks",
    Job.OUTCOMES: "ask Basware what became of what we sent",
    Job.NOTICES: "look whether Basware still announces everything, and for notifications that never arrived",
    Job.NETWORK: "take documents over from the Basware Network",
    Job.EXTRACTS: "load Basware's Data Access extracts",
    Job.SIGN_IN: "keep the QuickBooks sign-in alive and watch its limits",
}
"""One line for people on each job."""


URGENT = frozenset({Job.INVOICES, Job.SIGN_IN})
"""Jobs somebody waits for: their calls go before those of the others, which load, compare and poll."""


METERED = frozenset({Job.CHANGES})
"""Jobs that read QuickBooks only to look, which Intuit meters: they slow down when a month's reads run short."""


def priority_of(job: Job) -> Priority:
    """Whose calls go first where calls have to wait."""
    return Priority.URGENT if job in URGENT else Priority.BULK


TASK_TYPES: Mapping[Job, frozenset[str]] = {
    Job.INVOICES: frozenset({"AccountingDocuments"}),
    Job.ORDERS: frozenset({"ExportedPurchaseOrders", "ExportedContracts", "ExportedContractSpends"}),
    Job.OUTCOMES: frozenset({"RequestStatus"}),
}
"""Which of Basware's notifications ask for which job (Basware push specification, taskType). A job reads everything that waits,
so one run makes up for all of them."""


class JobReport(msgspec.Struct, kw_only=True):
    """What one run of a job did. `outcome` is a sentence for people; `counts` the figures in it, for programs.

    `current_to`: up to which moment the other system's changes are known now; None: up to when the job began, or, if the run was
    `partial` because some of what there is could not be had or nothing new came, as far as before. `again_at`: when the job has
    to run again even if its plan says later, because something it waits for is possible from then on.
    """

    outcome: str
    counts: dict[str, int] = msgspec.field(default_factory=dict)
    current_to: datetime | None = None
    again_at: datetime | None = None
    partial: bool = False


Perform = Callable[[Desk], JobReport]
"""Does a job once, until nothing of it is due. Raises what a client raises when a system cannot be used."""
