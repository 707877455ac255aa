"""The job `attachments`: learn which files there are, copy those that are due, and say when to look again."""

from ml_connector.model.attachments import FileState
from ml_connector.store import alerts, attachments
from ml_connector.store.schema import Severity
from ml_connector.work.attachments.copying import copy_files, follow_documents
from ml_connector.work.attachments.noting import note_files
from ml_connector.work.desk import Desk
from ml_connector.work.jobs import JobReport

ALERT = "files not copied"
"""The kind of alert that says that files were given up."""


def copy_attachments(desk: Desk) -> JobReport:
    """Do what is due. Raises what a client raises when a system cannot be used; what was copied until then stays."""
    begun = desk.clock.now()
    new = note_files(desk)
    follow_documents(desk)
    copied = copy_files(desk)
    with desk.write() as tx:
        failed = attachments.count(tx, desk.connection_id, FileState.FAILED)
        if failed:
            message = (
                f"{failed} {'file' if failed == 1 else 'files'} of posted documents could not be copied to QuickBooks; "
                "the documents are posted, and their pages in the console say why. "
                "`ml-connector attachments list --state failed` lists them; `ml-connector attachments retry INVOICE` tries again."
            )
            alerts.raise_(
                tx, desk.connection_id, kind=ALERT, message=message, now=desk.clock.now(), severity=Severity.WARNING
            )
        else:
            alerts.clear(tx, desk.connection_id, kind=ALERT, now=desk.clock.now())
        again_at = attachments.next_due(tx, desk.connection_id)
    outcome = f"{new} files found, {copied.done} copied, {copied.again} to be tried again, {copied.failed} not copied"
    counts = {"found": new, "copied": copied.done, "again": copied.again, "failed": copied.failed}
    return JobReport(outcome=outcome, counts=counts, current_to=begun, again_at=again_at)
