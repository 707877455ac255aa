"""Whether anything that a cause holds waits for a record, looked for among all of it while people put things right."""

from collections.abc import Sequence
from typing import Any, cast

import pytest

from ml_connector.store.held import Held
from ml_connector.store.held_sources import HeldIn
from ml_connector.work.needs import choices
from ml_connector.work.needs.cards import Heap


def test_what_is_dealt_with_meanwhile_hides_nothing_that_still_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    here = [
        Held(where=HeldIn.DOCUMENTS, key=key, number=key, name="", since=None, total=None, currency="") for key in "abc"
    ]
    looked_at = list[str]()

    def members(_desk: object, _heap: Heap, *, limit: int, offset: int = 0) -> list[Held]:
        return here[offset : offset + limit]

    def holds_in(_desk: object, _heap: Heap, some: Sequence[Held]) -> dict[str, Any]:
        looked_at.extend(one.key for one in some)
        del here[:1]
        return {}

    monkeypatch.setattr(choices, "members", members)
    monkeypatch.setattr(choices, "holds_in", holds_in)
    monkeypatch.setattr(choices, "_LOOKED_THROUGH", 1)
    heap = Heap(card="c", cause="vendor-inactive", subject="s", numbers={"documents": 3}, money={}, since=None)

    assert not choices.waits_for(cast("Any", None), heap, "145")
    assert looked_at == ["a", "b", "c"]
