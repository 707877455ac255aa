"""Whether a connection works: every line of the check report, asked without writing anything in either system.

The one thing that may change is our own store: QuickBooks' access token is renewed where it has to be. A line that fails stops
none of the following ones.
"""

from ml_connector.work.check.basware import check_basware
from ml_connector.work.check.line import Check
from ml_connector.work.check.network import check_network
from ml_connector.work.check.probe import Probe
from ml_connector.work.check.quickbooks import check_quickbooks
from ml_connector.work.check.subscriptions import check_subscriptions
from ml_connector.work.check.surroundings import check_clock, check_webhooks
from ml_connector.work.desk import Desk

__all__ = ["Check", "Probe", "ping"]


def ping(desk: Desk, probe: Probe) -> list[Check]:
    """Ask both systems, and say what each answered, line by line."""
    return [
        *check_quickbooks(desk),
        check_clock(desk, probe, "QuickBooks", probe.quickbooks_url),
        *check_basware(desk, probe),
        check_clock(desk, probe, "Basware", probe.basware.where.base_url),
        *check_network(desk),
        check_webhooks(probe),
        check_subscriptions(desk),
    ]
