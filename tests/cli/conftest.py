"""The command line as a person uses it, in this process: real arguments, home folder, database and exit codes; the twins beyond.

Only the network and the clock are replaced, so no test waits and none opens a socket.
"""

import io
import pickle
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from databases import SqliteFiles
from ml_connector.app import App, Settings
from ml_connector.cli import main
from ml_connector.store.database import Database
from ml_connector.store.vault import MasterKeys, Vault
from terminal import CONNECTION, Result, Run
from world import World, build_world


class NobodyThere(io.StringIO):
    """A standard input that no command may ask."""

    def read(self, _size: int | None = -1, /) -> str:
        raise AssertionError("the command asked for input")

    def readline(self, _size: int | None = -1, /) -> str:  # type: ignore[override]
        raise AssertionError("the command asked for input")


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home folder for the installation, and nothing in the environment but its name."""
    for name in ("MASTER_KEY", "MASTER_KEY_FILE", "OLD_MASTER_KEYS", "DATABASE_URL"):
        monkeypatch.delenv(f"ML_CONNECTOR_{name}", raising=False)
    folder = tmp_path / "home"
    monkeypatch.setenv("ML_CONNECTOR_HOME", str(folder))
    return folder


@pytest.fixture
def run(home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Runs one command."""

    def command(*words: str | Path, stdin: str | None = None) -> Result:
        monkeypatch.setattr(sys, "argv", ["ml-connector", *map(str, words)])
        monkeypatch.setattr(sys, "stdin", NobodyThere() if stdin is None else io.StringIO(stdin))
        capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            main.main()
        shown = capsys.readouterr()
        assert isinstance(ended.value.code, int)
        return Result(int(ended.value.code), shown.out, shown.err)

    return command


@pytest.fixture
def world(sqlite: SqliteFiles, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    """The demo company's twins without a waiting document; every installation opened from here on reaches them."""
    with sqlite.fresh() as url:
        database = Database.open(url)
        scene = build_world(database, company="empty", mapping=False)

        def opened(settings: Settings) -> App:
            own = Database.open(settings.address)
            own.require_current()
            keys = MasterKeys.from_environment(settings.environment())
            return App(
                own,
                Vault(keys),
                clock=scene.clock,
                transport=scene.transport,
                worker="command line",
                public_url=settings.public_url,
            )

        monkeypatch.setattr(App, "open", opened)
        yield scene
        database.close()


@pytest.fixture
def connection_file(tmp_path: Path) -> Path:
    """The demo company's connection file."""
    path = tmp_path / "demo.toml"
    path.write_text(CONNECTION)
    return path


Once = Callable[[str, Callable[[], None]], None]


@pytest.fixture(scope="session")
def kept() -> dict[str, tuple[dict[str, bytes], bytes]]:
    """Files of the home folder, and the twins, after what was done once."""
    return {}


@pytest.fixture
def once(world: World, home: Path, kept: dict[str, tuple[dict[str, bytes], bytes]]) -> Once:
    """`once("connected", connect)`: what that leads to from here; done the first time in this process, put back from then on.

    Everything there is by then has to be in the home folder or in the twins, and no installation may be open.
    """

    def lead_to(name: str, do: Callable[[], None]) -> None:
        if name not in kept:
            do()
            files = {path.name: path.read_bytes() for path in home.iterdir() if path.is_file()}
            kept[name] = files, pickle.dumps(world.put_away())
        files, state = kept[name]
        home.mkdir(mode=0o700, exist_ok=True)
        for file, content in files.items():
            path = home / file
            path.touch(mode=0o600)
            path.write_bytes(content)
        vars(world).update(vars(World.taken_out(pickle.loads(state), world.database)))

    return lead_to


@pytest.fixture
def connected(run: Run, world: World, connection_file: Path, once: Once) -> World:
    """An installation connected to the twins; the mapping is still empty."""

    def connect() -> None:
        assert run("init").code == 0
        assert run("connection", "add", connection_file).code == 0

    once("connected", connect)
    return world
