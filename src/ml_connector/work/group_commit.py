"""Many callers, one durable transaction: whoever asks while the disk is busy shares the next commit.

A commit that outlasts a power failure takes milliseconds however much is in it. One thread writes, so callers never wait for each
other's locks, and each is told only when its own item is stored.
"""

import queue
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from typing import Generic, TypeVar

from ml_connector.store.errors import DatabaseUnavailableError

T = TypeVar("T")

MOST_AT_ONCE = 200


class GroupCommit(Generic[T]):
    """`store_all` stores items in one transaction or raises; `store_one` is asked, item by item, when a transaction of several was
    refused for what was in it, so that one bad item fails alone."""

    def __init__(self, store_all: Callable[[Sequence[T]], None], store_one: Callable[[T], None]) -> None:
        self._store_all = store_all
        self._store_one = store_one
        self._waiting: queue.SimpleQueue[tuple[T, Future[None]] | None] = queue.SimpleQueue()
        self._guard = threading.Lock()
        self._closed = False
        self._thread = threading.Thread(target=self._work, name="group commit", daemon=True)
        self._thread.start()

    def submit(self, item: T) -> "Future[None]":
        """Store an item with the next commit; done once it is stored, or failed with the reason.

        Raises RuntimeError once closed.
        """
        done: Future[None] = Future()
        with self._guard:
            if self._closed:
                raise RuntimeError("nothing is stored any more: the server is stopping")
            self._waiting.put((item, done))
        return done

    def close(self) -> None:
        """Store what waits, then end."""
        with self._guard:
            if self._closed:
                return
            self._closed = True
            self._waiting.put(None)
        self._thread.join()

    def _work(self) -> None:
        while (first := self._waiting.get()) is not None:
            batch, ending = [first], False
            while len(batch) < MOST_AT_ONCE and not ending:
                try:
                    following = self._waiting.get_nowait()
                except queue.Empty:
                    break
                if following is None:
                    ending = True
                else:
                    batch.append(following)
            self._store([one for one in batch if one[1].set_running_or_notify_cancel()])
            if ending:
                return

    def _store(self, batch: Sequence[tuple[T, "Future[None]"]]) -> None:
        if not batch:
            return
        try:
            self._store_all([item for item, _ in batch])
        except DatabaseUnavailableError as error:
            for _, done in batch:
                done.set_exception(error)
        except Exception:  # noqa: BLE001 - whatever one item causes must not fail the others, nor end this thread
            for item, done in batch:
                self._store_alone(item, done)
        else:
            for _, done in batch:
                done.set_result(None)

    def _store_alone(self, item: T, done: "Future[None]") -> None:
        try:
            self._store_one(item)
        except Exception as error:  # noqa: BLE001 - handed to whoever waits for it
            done.set_exception(error)
        else:
            done.set_result(None)
