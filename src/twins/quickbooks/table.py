"""All records of one entity in a company: by id, in the order of their ids, and by when they were changed."""

from dataclasses import dataclass, field
from operator import itemgetter

from twins.quickbooks.catalogue import Entity
from twins.quickbooks.values import Json


@dataclass
class Table:
    """All records of one entity, and the stubs of deleted ones. `touched` holds when each was last changed (epoch seconds)."""

    entity: Entity
    records: dict[str, Json] = field(default_factory=dict)
    deleted: dict[str, Json] = field(default_factory=dict)
    touched: dict[str, float] = field(default_factory=dict)
    sorted_ids: list[str] | None = None
    latest: float = 0.0
    in_time: bool = True
    """Whether `touched` stands in the order of the changes; a clock set back, or old records of a seed, disturb it."""

    def store(self, record: Json, at: float) -> None:
        """Keep a record, new or in place of the one with its id."""
        key = record["Id"]
        if self.sorted_ids is not None and key not in self.records:
            if self.sorted_ids and id_order(self.sorted_ids[-1]) > id_order(key):
                self.sorted_ids = None
            else:
                self.sorted_ids.append(key)
        self.records[key] = record
        self._touch(key, at)

    def drop(self, key: str, stub: Json, at: float) -> None:
        """Forget a record but for the stub that change data capture shows."""
        del self.records[key]
        self.deleted[key] = stub
        self.sorted_ids = None
        self._touch(key, at)

    def ids(self) -> list[str]:
        """All ids in the order of their numbers; not to be changed."""
        if self.sorted_ids is None:
            self.sorted_ids = sorted(self.records, key=id_order)
        return self.sorted_ids

    def changed_since(self, start: float) -> list[str]:
        """Ids of what was changed or deleted at or after an instant, the oldest change first."""
        if not self.in_time:
            self.touched = dict(sorted(self.touched.items(), key=itemgetter(1)))
            self.latest, self.in_time = next(reversed(self.touched.values()), 0.0), True
        found = []
        for key, at in reversed(self.touched.items()):
            if at < start:
                break
            found.append(key)
        return found[::-1]

    def _touch(self, key: str, at: float) -> None:
        self.touched.pop(key, None)
        self.touched[key] = at
        self.in_time = self.in_time and at >= self.latest
        self.latest = max(self.latest, at)


def id_order(key: str) -> tuple[int, str]:
    """What puts ids in the order of their numbers: they have no leading zeros."""
    return len(key), key
