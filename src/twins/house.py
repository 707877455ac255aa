"""One process that serves everything: both twins, Basware's regions, the page, what the twins send, and their state file.

All servers share one lock, so that the page and the state file see both twins at one and the same moment.
"""

import sys
import threading
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from twins import keep
from twins.basware.regions import HOSTS, Place
from twins.page.service import Page
from twins.postman import HttpSender, Postman
from twins.serve import TwinServer


@dataclass(frozen=True)
class Plan:
    """How a story is served: ports (0 takes a free one), where its state is kept and how often, whether all regions listen."""

    quickbooks_port: int = 0
    basware_port: int = 0
    page_port: int = 0
    state: Path | None = None
    save_every: float = 30.0
    all_regions: bool = False


class House:
    """Serves a story from its own threads until it is closed. Raises OSError when a port is taken."""

    def __init__(self, story: keep.Story, plan: Plan) -> None:
        self.story = story
        """What is served; hold `lock` to look at it from another thread."""
        self._plan = plan
        self.lock = threading.RLock()
        """Held while any request is answered and while anything is collected to be sent."""
        self._servers: dict[Place, TwinServer] = {}
        self._stop = threading.Event()
        self._saved = None if plan.state is None or not plan.state.exists() else story.mark
        with ExitStack() as stack:
            self._stack = stack
            self._sender = HttpSender()
            stack.callback(self._sender.close)
            self._quickbooks = self._serve(story.quickbooks, plan.quickbooks_port)
            self._page = self._serve(Page(story), plan.page_port)
            self._open(story.regions.main, plan.basware_port)
            self.open_places()
            self._stack = stack.pop_all()
        story.regions.connect(self._sender)
        self._stack.enter_context(Postman(story.company_books.outbox, self._sender, self.lock))
        story.quickbooks.house = story.basware.house = self
        self._keeper = threading.Thread(target=self._keep_saving, daemon=True)
        self._keeper.start()

    # what a twin may ask

    @property
    def keeps(self) -> bool:
        """Whether there is a state file."""
        return self._plan.state is not None

    def save(self) -> dict[str, Any]:
        """Write the state file now. Raises keep.StateFileError when there is none, OSError when it can't be written."""
        if self._plan.state is None:
            raise keep.StateFileError("the twins were started without --state FILE")
        with self.lock:
            mark, size = self.story.mark, keep.save(self.story, self._plan.state)
            self._saved = mark
        return {"state": str(self._plan.state), "bytes": size, "now": self.story.clock.now()}

    def addresses(self) -> dict[str, Any]:
        """Where both twins, Basware's regions and the page are reached."""
        return {
            "quickbooks": self._quickbooks.url,
            "basware": next(iter(self._servers.values())).url,
            "page": self._page.url,
            "regions": [
                {
                    "region": place.region,
                    "environment": place.environment,
                    "url": server.url,
                    "host": HOSTS[place].name,
                    "confidence": HOSTS[place].confidence,
                }
                for place, server in self._servers.items()
            ],
        }

    def open_places(self) -> None:
        """Listen for every system of Basware that has a tenant, or for all of them."""
        for place in HOSTS if self._plan.all_regions else self.story.regions.used:
            self._open(place, 0)

    # running

    def close(self) -> None:
        """Stop everything, and keep the state as it stands."""
        self._stop.set()
        self._keeper.join()
        self._stack.close()
        self.story.quickbooks.house = self.story.basware.house = None
        if self.keeps:
            self.save()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _serve(self, service: Any, port: int) -> TwinServer:
        return self._stack.enter_context(TwinServer(service, port=port, lock=self.lock))

    def _open(self, place: Place, port: int) -> None:
        """Listen for one system of Basware and deliver what it sends, unless that is so already."""
        if place in self._servers:
            return
        server = self._serve(self.story.basware, port)
        number = server.url.rpartition(":")[2]
        for name in ("127.0.0.1", "localhost"):
            self.story.regions.assign(f"{name}:{number}", place)
        self._servers[place] = server
        outbox = self.story.regions.at(place).outbox
        self._stack.enter_context(Postman(outbox, self._sender, self.lock))

    def _keep_saving(self) -> None:
        while self.keeps and not self._stop.wait(self._plan.save_every):
            if self.story.mark == self._saved:
                continue
            try:
                self.save()
            except OSError as error:
                sys.stderr.write(f"The state could not be saved: {error}. It is tried again.\n")
