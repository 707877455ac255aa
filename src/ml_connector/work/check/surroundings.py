"""The lines of the check report about what lies between: the clocks of both systems, and the way webhooks take to us."""

import msgspec

from ml_connector.work.check.line import Check, failed, passed, warned
from ml_connector.work.check.probe import Probe
from ml_connector.work.desk import Desk

WARN_ABOVE = 60
FAIL_ABOVE = 300
"""Seconds. Tokens are renewed some minutes ahead of their end; a clock that is further off takes a dead one for alive."""

WEBHOOKS = ("webhooks.address", "Webhooks reach us")


def check_clock(desk: Desk, probe: Probe, system: str, url: str) -> Check:
    """Our clock against that of a system, by the Date of its answer to a request without credentials."""
    line = (f"{system.lower()}.clock", f"Clock of {system}")
    seen = probe.look(f"{url.rstrip('/')}/")
    if seen.server_time is None:
        return warned(
            *line, f"no time came with its answer ({seen.problem or seen.status})", "Look at this machine's own clock."
        )
    ahead = round((seen.server_time - desk.clock.now()).total_seconds())
    found = (
        f"this machine is {abs(ahead)} seconds {'behind' if ahead > 0 else 'ahead'}"
        if abs(ahead) > 1
        else "the same as ours"
    )
    to_do = "Let this machine set its clock from the network (NTP)."
    if abs(ahead) > FAIL_ABOVE:
        return failed(*line, f"{found}; tokens would be taken for alive or dead when they are not", to_do)
    return warned(*line, found, to_do) if abs(ahead) > WARN_ABOVE else passed(*line, found)


def check_webhooks(probe: Probe) -> Check:
    """Whether our own server answers at the address that both systems send their notifications to."""
    if not probe.public_url:
        return passed(
            *WEBHOOKS,
            "no public address is set (ML_CONNECTOR_PUBLIC_URL): changes are found by asking from time to time",
        )
    url = f"{probe.public_url.rstrip('/')}/healthz"
    seen = probe.look(url)
    to_do = (
        "Start `ml-connector serve`, and let the address lead to it from outside; any proxy in between must pass it on."
    )
    if seen.problem:
        return failed(*WEBHOOKS, f"{url} cannot be reached ({seen.problem})", to_do)
    try:
        healthy = msgspec.json.decode(seen.body, type=dict[str, object]).get("status") == "ok"
    except (msgspec.DecodeError, UnicodeDecodeError):
        healthy = False
    if seen.status != 200 or not healthy:
        return failed(*WEBHOOKS, f"{url} answered {seen.status}, but not as ml-connector does", to_do)
    return passed(*WEBHOOKS, f"{url} answers; asked from this machine, so a firewall outside may still be in the way")
