"""The step of the job `master-data` that keeps vendors in step: reads what changed, pairs vendors up, has them decided.

Everything is read in one go and nothing is locked meanwhile; then portions of the vendors are decided and stored, each in a
transaction of its own, so that ten thousand vendors keep nobody waiting. Whatever is cut off anywhere is decided again from the
tables, and comes to the same.
"""

from ml_connector.store import alerts, vendor_pairs
from ml_connector.store import books as book_store
from ml_connector.store.rows import chunks
from ml_connector.store.schema import Severity, VendorState
from ml_connector.work.changes.settings import SINGLE
from ml_connector.work.desk import Desk
from ml_connector.work.feeds.vendors import read_vendors
from ml_connector.work.lists import refresh_lists
from ml_connector.work.vendors.keeping import Keeper
from ml_connector.work.vendors.materials import load
from ml_connector.work.vendors.pairing import pair_up
from ml_connector.work.vendors.portion import Portion

REVIEW_ALERT = "vendors to review"
PORTION = 200
"""Vendors decided in one transaction."""
_LISTS = ("Vendor", "Customer", "Employee", "Term")


def plan_vendors(desk: Desk) -> None:
    """Bring every vendor to what both sides are to say. Raises what the clients raise when something has to be read first."""
    _read_first(desk)
    read_vendors(desk)
    with desk.database.read() as tx:
        found, before = load(tx, desk), vendor_pairs.every(tx, desk.connection_id)
    paired = pair_up(desk, found, before)
    own = desk.settings
    keeper = Keeper(found, own.vendors, own.vendors.shape(own.basware.company_codes))
    done = 0
    for codes in chunks(paired.pairs, PORTION):
        desk.watch("comparing vendors", done, len(paired.pairs))
        with desk.write(durable=True) as tx:
            portion = Portion(tx, desk, found, keeper, {code: before[code] for code in codes if code in before})
            changed = portion.store({code: paired.pairs[code] for code in codes}, paired.joined)
        if (
            changed
        ):  # a run that goes on where another one was stopped is not stopped again before it comes to something new
            desk.keep_lease()
        done += len(codes)
    _tell_of_reviews(desk)


def _read_first(desk: Desk) -> None:
    """Lists of QuickBooks that were never read are read now; the job `changes` keeps them up to date."""
    with desk.database.read() as tx:
        known = book_store.cursors(tx, desk.connection_id)
    if any(entity not in known or not known[entity].cursor for entity in (*_LISTS, *SINGLE)):
        refresh_lists(desk, thorough=True)


def _tell_of_reviews(desk: Desk) -> None:
    now = desk.clock.now()
    with desk.write() as tx:
        waiting = vendor_pairs.counts(tx, desk.connection_id).get(VendorState.REVIEW, 0)
        if not waiting:
            alerts.clear(tx, desk.connection_id, kind=REVIEW_ALERT, now=now)
            return
        message = (
            f"{waiting} {'vendor' if waiting == 1 else 'vendors'} of Basware may be in QuickBooks already. Say who, under Vendors "
            "in the console or with `ml-connector vendors review`. Until then nothing of them is kept in step."
        )
        alerts.raise_(tx, desk.connection_id, kind=REVIEW_ALERT, severity=Severity.WARNING, message=message, now=now)
