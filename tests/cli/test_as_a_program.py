"""The installed program itself, in a process of its own: the demo as a newcomer runs it, and help for every command."""

import subprocess
import sys
from decimal import Decimal
from pathlib import Path

import msgspec

from twins.demo_company import EXPECTED

PROGRAM = [sys.executable, "-c", "from ml_connector.cli.main import main; main()"]


def _run(*words: str, home: Path) -> subprocess.CompletedProcess[str]:
    environment = {"PATH": "/usr/bin:/bin", "HOME": str(home), "ML_CONNECTOR_HOME": str(home / "installation")}
    return subprocess.run(
        [*PROGRAM, *words],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=300,
        env=environment,
        check=False,
    )


def test_the_demo_posts_the_demo_company_and_proves_that_everything_ties(tmp_path: Path) -> None:
    ended = _run("demo", "--json", home=tmp_path)

    assert ended.returncode == 0, ended.stderr
    shown = msgspec.json.Decoder(dict, float_hook=Decimal).decode(ended.stdout)
    assert shown["tie_out"]["problems"] == []
    kinds = {view["document"]["invoice_number"]: view["document"]["kind"] for view in shown["posted"]}
    assert kinds == {number: one.kind for number, one in EXPECTED.items() if one.kind != "held"}
    assert "To keep it running" in ended.stderr
    assert not (tmp_path / "installation").exists(), "the demo leaves a user's own installation alone"


def test_the_demo_can_be_read_by_people(tmp_path: Path) -> None:
    ended = _run("demo", "--home", str(tmp_path / "demo"), home=tmp_path)

    assert ended.returncode == 0, ended.stderr
    assert "everything ties" in ended.stdout
    for number in EXPECTED:
        assert number in ended.stdout
    for secret in ("demo-basware-secret", "demo-quickbooks-secret", "RT1-demo-calloway-thorne"):
        assert secret not in ended.stdout + ended.stderr


def test_the_program_names_its_commands(tmp_path: Path) -> None:
    ended = _run("--help", home=tmp_path)

    assert (ended.returncode, ended.stderr) == (0, "")
    for command in ("init", "connection", "sync", "documents", "holds", "mapping", "status", "demo", "twins"):
        assert command in ended.stdout


def test_a_first_command_before_init_ends_with_two_and_the_way_on(tmp_path: Path) -> None:
    ended = _run("status", home=tmp_path)

    assert (ended.returncode, ended.stdout) == (2, "")
    assert "ML_CONNECTOR_MASTER_KEY" in ended.stderr or "init" in ended.stderr
