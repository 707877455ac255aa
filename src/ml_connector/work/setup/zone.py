"""Which time zone is proposed to whoever sets a connection up: the company's own, as QuickBooks says, until a person chose one."""

from ml_connector.store.connections import ConnectionRow
from ml_connector.store.database import Tx
from ml_connector.work.company import zone_in_quickbooks
from ml_connector.work.schedule_settings import ScheduleSettings
from ml_connector.work.settings import decode_settings
from ml_connector.work.setup.progress import Step, steps_of


def proposed_zone(tx: Tx, row: ConnectionRow) -> str:
    """The zone to propose, empty where QuickBooks says none or somebody chose: in the settings, or by going on from the page that
    asks. Nothing is set by it: a person who saves it chooses it, which the audit keeps as any change of a setting."""
    chosen = decode_settings(row.settings).schedule.time_zone != ScheduleSettings().time_zone
    asked = any(one.done for one in steps_of(tx, row) if one.step == Step.POLICIES)
    return "" if chosen or asked else zone_in_quickbooks(tx, row.id)
