"""What a command has in memory, keys and tokens among it, ends up in no core file and is read by no other program of the user."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest

ALLOWED_CORES = (
    "import resource; hard = resource.getrlimit(resource.RLIMIT_CORE)[1]; "
    "resource.setrlimit(resource.RLIMIT_CORE, (hard, hard))"
)
"""Where the machine allows core files at all, the command is started with leave to make them."""

PROGRAM = f"{ALLOWED_CORES}; from ml_connector.cli.main import main; main()"
LOOKING_AT_ITSELF = f"""
{ALLOWED_CORES}
import ctypes, sys
from ml_connector.cli.main import main
sys.argv = ["ml-connector", "--version"]
try:
    main()
except SystemExit:
    print(resource.getrlimit(resource.RLIMIT_CORE), ctypes.CDLL(None).prctl(3, 0, 0, 0, 0))
"""


@pytest.mark.skipif(sys.platform != "linux", reason="prctl is Linux' own")
def test_every_command_asks_for_no_core_file_and_no_onlookers() -> None:
    ended = subprocess.run(
        [sys.executable, "-c", LOOKING_AT_ITSELF], capture_output=True, text=True, timeout=60, check=True
    )

    assert ended.stdout.splitlines()[-1] == "(0, 0) 0"


@pytest.mark.skipif(sys.platform != "linux", reason="the limits of another process are seen in /proc")
def test_a_demo_that_dies_in_the_middle_leaves_no_core_file(tmp_path: Path) -> None:
    """The demo's process and the twins it started, which hold its tokens, both die the death that makes a core file."""
    command = [sys.executable, "-c", PROGRAM, "demo", "--keep", "--json"]
    environment = {**os.environ, "HOME": str(tmp_path), "TWINS": str(tmp_path / "twins.json")}
    with subprocess.Popen(
        command,
        cwd=tmp_path,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        stdin=subprocess.DEVNULL,
    ) as demo:
        assert demo.stdout is not None
        shown = msgspec.json.decode(demo.stdout.readline())
        family = [demo.pid, *_children(demo.pid)]
        limits = {pid: _core_limit(pid) for pid in family}
        for pid in family[1:]:
            os.kill(pid, signal.SIGABRT)
        os.kill(demo.pid, signal.SIGABRT)
        _, status = os.waitpid(demo.pid, 0)
        demo.returncode = -os.WTERMSIG(status)

    assert shown["tie_out"]["problems"] == []
    assert len(family) == 2
    assert limits == dict.fromkeys(family, ("0", "0"))
    assert (os.WTERMSIG(status), os.WCOREDUMP(status)) == (signal.SIGABRT, False)
    assert not list(tmp_path.glob("core*"))


def _children(pid: int) -> list[int]:
    return [int(one) for task in Path(f"/proc/{pid}/task").iterdir() for one in (task / "children").read_text().split()]


def _core_limit(pid: int) -> tuple[str, str]:
    [line] = [
        one for one in Path(f"/proc/{pid}/limits").read_text().splitlines() if one.startswith("Max core file size")
    ]
    soft, hard, _unit = line.removeprefix("Max core file size").split()
    return soft, hard
