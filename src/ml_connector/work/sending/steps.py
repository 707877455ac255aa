"""A step of the job `master-data`: one kind of record that Basware is given. `job.py` puts the steps in order."""

from collections.abc import Callable

import msgspec

from ml_connector.work.desk import Desk
from ml_connector.work.settings import ConnectionSettings


class Step(msgspec.Struct, frozen=True, kw_only=True):
    """One kind of record. `plan` works out what Basware is to hold and stores it; `resources` are sent in this order; `after` are
    resources that have to be decided on first; `reads` names rights that planning needs besides those of its resources."""

    label: str
    resources: Callable[[ConnectionSettings], tuple[str, ...]]
    plan: Callable[[Desk], None]
    wanted: Callable[[ConnectionSettings], bool]
    after: tuple[str, ...] = ()
    reads: Callable[[ConnectionSettings], tuple[str, ...]] = lambda _: ()


def gives_basware(settings: ConnectionSettings) -> bool:
    """Whether Basware is given anything of QuickBooks at all."""
    return settings.basware.master_data.enabled or settings.basware.matching_orders.enabled
