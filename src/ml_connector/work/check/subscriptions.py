"""The line of the check report about what Basware announces to us."""

from ml_connector.basware.errors import BaswareError
from ml_connector.work.check.line import Check, passed, warned
from ml_connector.work.desk import Desk
from ml_connector.work.webhook_setup import basware, standing
from ml_connector.work.webhook_setup.watch import is_set_up

_LINE = ("webhooks.subscriptions", "Basware announces to us")


def check_subscriptions(desk: Desk) -> Check:
    """What Basware announces beside what the jobs want. Never fails: what is not announced is found by asking, only later."""
    if desk.webhooks is None or not is_set_up(desk):
        return passed(*_LINE, "not set up (`webhooks subscribe`): changes are found by asking from time to time")
    try:
        lines = basware.look(desk.webhooks())
    except BaswareError as error:
        return warned(*_LINE, f"not to be seen: {error}", "Ask again later; the rights for it are `subscriptions.…`.")
    bad = [line for line in lines if line.state in standing.TO_REPAIR]
    if bad:
        named = ", ".join(f"{line.name} ({line.state})" for line in bad)
        return warned(*_LINE, named, f"Run `ml-connector webhooks repair {desk.connection_name}`.")
    if any(line.state == standing.FORMER_TOKEN for line in lines):
        to_do = f"Run `ml-connector webhooks subscribe {desk.connection_name} --new-token` again."
        return warned(*_LINE, "a change of the token is unfinished; calls still count", to_do)
    return passed(*_LINE, ", ".join(line.name for line in lines if line.state == standing.GOOD))
