"""Decides for many announcements at once what has to be read, what is an echo of our own writes, and what is known already.

Nothing a person did may be lost here. An announcement carries no sync token, so whether it is an echo has to be concluded from
its time; whatever is in doubt is read. The limits of that are told in `docs/changes.md`.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta

import msgspec

from ml_connector.model.changes import Announcement, OwnWrite, RecordKey

_KINDS = {
    "create": "created", "created": "created", "update": "updated", "updated": "updated",
}  # fmt: skip
"""Operations that can be ours, in the words of both webhook formats. We neither delete nor merge nor void."""


class Verdict(msgspec.Struct, kw_only=True):
    """What to do. `read`: ids to read, by entity. `to_read`: the announcements that are done once these were read.

    `merged`: vanished records with the id of the one that took over; they are among those to read. `known` and `echoes` need no
    reading. `ignored`: why, by announcement. `spent`: our writes that were announced now.
    """

    read: dict[str, list[str]] = msgspec.field(default_factory=dict)
    to_read: dict[RecordKey, list[int]] = msgspec.field(default_factory=dict)
    merged: dict[RecordKey, str] = msgspec.field(default_factory=dict)
    known: list[int] = msgspec.field(default_factory=list)
    echoes: list[int] = msgspec.field(default_factory=list)
    ignored: dict[int, str] = msgspec.field(default_factory=dict)
    spent: list[OwnWrite] = msgspec.field(default_factory=list)


def judge(
    announcements: Iterable[Announcement],
    *,
    watched: Iterable[str],
    own_writes: Iterable[OwnWrite],
    known_as_of: Mapping[RecordKey, datetime],
    tolerance: timedelta,
    margin: timedelta,
) -> Verdict:
    """Judge announcements record by record.

    `watched`: the entities copies are kept of. `known_as_of`: the moment, by QuickBooks' clock, at which our copy of a record was
    its present state. `tolerance`: how far the time of an announcement may be from that of the write it announces. `margin`: how
    much older than the copy an announcement must be to be no news, since QuickBooks may be late in showing a change.
    """
    verdict = Verdict()
    names = {_plain(name): name for name in watched}
    groups: dict[RecordKey, list[Announcement]] = defaultdict(list)
    for one in announcements:
        name = names.get(_plain(one.entity))
        if name is None:
            verdict.ignored[one.notice_id] = f"no copies of {one.entity or 'this entity'} are kept"
        elif problem := _unreadable(one.record_id):
            verdict.ignored[one.notice_id] = problem
        else:
            groups[name, one.record_id].append(one)
    writes: dict[RecordKey, list[OwnWrite]] = defaultdict(list)
    for write in own_writes:
        writes[write.key].append(write)
    for key, group in groups.items():
        _judge_record(verdict, key, group, writes.get(key, []), known_as_of, tolerance, margin)
    return verdict


def _judge_record(  # noqa: PLR0917
    verdict: Verdict,
    key: RecordKey,
    group: Sequence[Announcement],
    writes: Sequence[OwnWrite],
    known_as_of: Mapping[RecordKey, datetime],
    tolerance: timedelta,
    margin: timedelta,
) -> None:
    spent, unexplained = _matched(group, writes, tolerance)
    news = [one for one in unexplained if not _is_known(key, one, known_as_of, margin)]
    verdict.spent += spent
    if not news:
        old = {one.notice_id for one in unexplained}
        verdict.known += old
        verdict.echoes += [one.notice_id for one in group if one.notice_id not in old]
        return
    verdict.read.setdefault(key[0], []).append(key[1])
    verdict.to_read[key] = [one.notice_id for one in group]
    for one in news:
        if one.merged_id and not _unreadable(one.merged_id):
            verdict.merged[key[0], one.merged_id] = one.record_id
            verdict.read[key[0]].append(one.merged_id)


def _matched(
    group: Sequence[Announcement], writes: Sequence[OwnWrite], tolerance: timedelta
) -> tuple[list[OwnWrite], list[Announcement]]:
    """Our writes that are announced here, each excusing one announcement; and the announcements no write explains."""
    left, spent, unexplained = list(writes), list[OwnWrite](), list[Announcement]()
    for one in group:
        write = next((write for write in left if _announces(one, write, tolerance)), None)
        if write is None:
            unexplained.append(one)
        else:
            left.remove(write)
            spent.append(write)
    return spent, unexplained


def _announces(one: Announcement, write: OwnWrite, tolerance: timedelta) -> bool:
    if one.occurred_at is None:
        return False
    kind = "created" if write.is_creation else "updated"
    return _KINDS.get(one.operation.lower()) == kind and abs(one.occurred_at - write.written_at) <= tolerance


def _is_known(key: RecordKey, one: Announcement, known_as_of: Mapping[RecordKey, datetime], margin: timedelta) -> bool:
    """Whether our copies are from well after what is announced: whatever happened is in them."""
    keys = [key, (key[0], one.merged_id)] if one.merged_id else [key]
    at = one.occurred_at
    return at is not None and all(known in known_as_of and at + margin < known_as_of[known] for known in keys)


def _plain(entity: str) -> str:
    """An entity's name as both webhook formats can be compared: `BillPayment` and `billpayment`."""
    return "".join(character for character in entity.lower() if character.isalnum())


def _unreadable(record_id: str) -> str:
    if record_id.isascii() and 0 < len(record_id) <= 50 and all(c.isalnum() or c in "-_:." for c in record_id):
        return ""
    return "this is not the id of a record" if record_id else "the notice names no record"
