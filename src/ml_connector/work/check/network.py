"""The line of the check report about the Basware Network, which has an account of its own."""

from ml_connector.basware.errors import BaswareError
from ml_connector.work.check.line import Check, failed, failed_by, passed
from ml_connector.work.desk import Desk

_LINE = ("basware.network", "Basware Network")


def check_network(desk: Desk) -> list[Check]:
    """Whether the account is accepted: notifications are listed, none is put away. No line where the Network is not used."""
    if not desk.settings.basware.network.enabled:
        return []
    if desk.network is None:
        to_do = "Put network_user and network_password into [basware] of the connection file and add it again."
        return [failed(*_LINE, "its user or password is not stored", to_do, sign_in=True)]
    try:
        waiting = len(desk.network.notifications())
    except BaswareError as error:
        to_do = "Correct network_user and network_password; Basware hands them out, apart from those of the API."
        return [failed_by(*_LINE, error, to_do)]
    return [passed(*_LINE, f"accepted; {waiting or 'no'} notifications wait")]
