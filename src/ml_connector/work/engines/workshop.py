"""What an engine needs from the installation, so that it need not know how a desk is built."""

from collections.abc import Callable
from typing import Protocol

from ml_connector.model.clock import Clock
from ml_connector.store.connections import ConnectionRow
from ml_connector.store.database import Database
from ml_connector.work.desk import Desk
from ml_connector.work.jobs import Job
from ml_connector.work.messages.courier import Courier


class Workshop(Protocol):
    """The installation as an engine sees it; `app.App` is one."""

    @property
    def database(self) -> Database:
        """The one database."""
        ...

    @property
    def clock(self) -> Clock:
        """The time that all jobs go by."""
        ...

    @property
    def webhook_days(self) -> int:
        """Days for which webhook calls are kept."""
        ...

    def desk_for(self, row: ConnectionRow, job: Job, worker: str, stopping: Callable[[], bool]) -> Desk:
        """A desk for one run of a job, with a tenure of that job's name. Raises when settings or secrets are missing."""
        ...

    def courier(self) -> Courier:
        """What tells people outside the console, for one thread."""
        ...
