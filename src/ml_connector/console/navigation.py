"""The order of the screens in the navigation: what an accountant asks first comes first."""

from itertools import groupby
from typing import NamedTuple

from ml_connector.model.people import Right


class Section(NamedTuple):
    """One entry. `path` follows the connection's own address."""

    path: str
    name: str
    group: str
    right: Right = Right.VIEW


SECTIONS = (
    Section("today", "Today", ""),
    Section("needs-you", "Needs you", ""),
    Section("documents", "Documents", ""),
    Section("plan", "Plan", ""),
    Section("month", "Month", ""),
    Section("mapping", "Mapping", ""),
    Section("vendors", "Vendors", "Records"),
    Section("orders", "Purchase orders", "Records"),
    Section("payments", "Payments", "Records"),
    Section("dimensions", "Dimensions", "Records"),
    Section("drift", "Changed afterwards", "Records"),
    Section("runs", "Runs", "Operation"),
    Section("schedules", "Schedules", "Operation"),
    Section("webhooks", "Webhooks", "Operation"),
    Section("feeds", "Polling", "Operation"),
    Section("budget", "Budgets", "Operation"),
    Section("settings", "Settings", "Administration", Right.ADMINISTER),
    Section("messages", "Who is told", "Administration", Right.ADMINISTER),
    Section("audit", "Audit", "Administration"),
)

GROUPS = tuple((name, tuple(some)) for name, some in groupby(SECTIONS, key=lambda section: section.group))
"""The entries under the headings they stand under, both in this order."""
