"""The filter "changed after" of Basware's lists, in the form the interface reads. Nothing here knows a resource."""

from datetime import UTC, datetime


def changed_after(moment: datetime | None) -> dict[str, str]:
    """The parameter lastUpdated, in UTC to the millisecond, rounded down; none without a moment.

    Source: Basware P2P specification, lastUpdated of the lists.
    """
    if moment is None:
        return {}
    utc = moment.astimezone(UTC)
    return {"lastUpdated": f"{utc:%Y-%m-%dT%H:%M:%S}.{utc.microsecond // 1000:03}Z"}
