"""Behaviours of the twin that a test or a person can turn: undocumented points, and conditions a company may be in.

Each default is what the vendor documents, what was measured on a real company, or the stricter of two readings.
"""

from dataclasses import dataclass


@dataclass
class Switches:
    """The state of all switches. Change a field at any time; it counts from the next request on."""

    throttle: bool = True
    """Enforce 500 requests a minute, 10 a second and 40 batches a minute per company (Intuit's limits page)."""

    rotate_every_refresh: bool = False
    """Give out a new refresh value with every refresh, not only once the current one is a day old."""

    rotation_overlap_seconds: int = 0
    """How long a replaced refresh value still works. Intuit documents none."""

    reuse_revokes_grant: bool = False
    """Treat the use of a replaced refresh value as theft and end the whole grant."""

    replay_faults: bool = True
    """A repeated request id brings back a stored refusal too, not only a stored success."""

    refuse_changed_request: bool = False
    """Answer a repeated request id whose body differs with 600 instead of the stored answer."""

    refuse_currency_when_single: bool = True
    """Refuse a new transaction that names a currency while the company uses only one."""

    vendor_currency_ignored: bool = True
    """Accept a foreign currency on a new vendor and keep home currency, as measured in July 2026."""

    us_latin1_only: bool = True
    """US companies refuse characters outside ISO-8859-1 (Intuit's schema page)."""

    refuse_untracked_dimensions: bool = True
    """Refuse a class or location while its tracking is off; otherwise drop it in silence."""

    read_only: bool = False
    """The subscription has ended: reads work, every write is refused with 6190."""

    additive_field: bool = False
    """Add a property nobody knows to every record returned; additive fields come without a new minor version."""

    cdc_refuses_old_dates: bool = True
    """Refuse a change query older than 30 days instead of serving what there is."""
