"""The showcase in one process: the twins behind their control interfaces, the product on a virtual clock, the story told in full.

What `ml-connector demo --console` does with processes and sockets; here nothing waits and nothing listens.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import msgspec

from instruments import VirtualClock
from ml_connector.app import App
from ml_connector.demonstration.companies import companies
from ml_connector.demonstration.showcase import Chapter, Place, Showcase, connect
from ml_connector.store.connections import ConnectionRow
from ml_connector.store.database import Database
from ml_connector.store.vault import MasterKeys, Vault
from twins.clock import Clock as TwinClock
from twins.commands.story import ReachedHands
from twins.control import ControlledTwin
from twins.demo_company import TODAY
from twins.demo_company.showcase import CHAPTERS, play, seeds
from twins.http import Request
from twins.keep import Story
from twins.transport import TwinTransport

QUICKBOOKS, BASWARE = "quickbooks.test", "basware.test"
DAYS = 28

_decode = msgspec.json.Decoder().decode
_encode = msgspec.json.Encoder(decimal_format="number").encode


class Within:
    """A twin of this process, reached as a running one is."""

    def __init__(self, twin: ControlledTwin) -> None:
        self._twin = twin

    def get(self, command: str, **parameters: Any) -> Any:
        """Ask the control interface."""
        return self._control("GET", f"{command}?{urlencode({name: str(one) for name, one in parameters.items()})}")

    def post(self, command: str, body: Any) -> Any:
        """Have the control interface do something."""
        return self._control("POST", command, _encode(body))

    def _control(self, method: str, command: str, body: bytes = b"") -> Any:
        answer = self._twin.handle(Request.build(method, f"http://127.0.0.1/_twin/{command}", (), body))
        assert answer.status < 300, answer.body.decode()
        return _decode(answer.body)

    def call(self, path: str, headers: Mapping[str, str], body: bytes) -> None:
        """Post to the service itself."""
        answer = self._twin.handle(Request.build("POST", f"https://{BASWARE}{path}", headers.items(), body))
        assert answer.status < 300, answer.body.decode()


class Told:
    """The story, played within this process."""

    def __init__(self, story: Story) -> None:
        self._clock, self._hands = story.clock, ReachedHands(Within(story.quickbooks), Within(story.basware))
        self.chapters: Sequence[Chapter] = [Chapter(one.name, one.after) for one in CHAPTERS]

    def play(self, chapter: str) -> None:
        """Have people do what they do in a chapter."""
        play(chapter, self._hands)

    def advance(self, seconds: float) -> None:
        """Move time."""
        self._clock.advance(seconds)


@contextmanager
def performed(database: Database, home: Path) -> Iterator[tuple[App, list[ConnectionRow], Story]]:
    """An installation after the whole story, its connections, and the twins."""
    story = Story.begin(TwinClock(TODAY - timedelta(days=DAYS), running=False))
    for name, controlled in (("quickbooks", story.quickbooks), ("basware", story.basware)):
        for seed in seeds()[name]:
            controlled.panel.seed(seed)
    transport = TwinTransport({QUICKBOOKS: story.quickbooks, BASWARE: story.basware}, clock=story.clock)
    clock = VirtualClock(story.clock)
    app = App(database, Vault(MasterKeys(b"w" * 32)), clock=clock, transport=transport, worker="showcase", home=home)
    own = companies(clock.now().date())
    rows = connect(
        app,
        own,
        [Place(f"https://{QUICKBOOKS}", one) for one in story.quickbooks.panel.credentials()],
        [Place(f"https://{BASWARE}", one) for one in story.basware.panel.credentials()],
    )
    Showcase(app, Told(story), rows, own).perform()
    yield app, rows, story
