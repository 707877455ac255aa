"""Follows docs/get-started.md word for word on the twins: every command a newcomer is told to enter, in order."""

import json
import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ml_connector.store.schema import DocumentState

PAGE = (Path(__file__).parents[2] / "docs" / "get-started.md").read_text(encoding="utf-8")
PRACTICE = PAGE.split("\n## 2. ", 1)[1].split("\n## 4. ", 1)[0]
BLOCKS = re.findall(r"^```(\w*)\n(.*?)^```", PRACTICE, flags=re.M | re.S)


@pytest.fixture
def twins() -> Iterator[dict[str, Any]]:
    """Both twins, and what they say about themselves when they are ready."""
    command = [sys.executable, "-m", "twins", "serve", "--until-stdin-closes"]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        yield json.loads(process.stdout.readline())
        process.stdin.close()


def _run(line: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """Enter a command as the page prints it."""
    program = "import sys; from ml_connector.cli.main import main; sys.argv[0] = 'ml-connector'; main()"
    words = shlex.split(line, comments=True)[1:]
    environment = os.environ | {"ML_CONNECTOR_HOME": str(folder / "home")}
    return subprocess.run(
        [sys.executable, "-c", program, *words],
        cwd=folder, env=environment, capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip


def _file(block: str, twins: dict[str, Any]) -> str:
    """The page's connection file for twins on other ports, and with a short pause should the twins call for one."""
    ports = {"http://127.0.0.1:8101": twins["quickbooks"]["url"], "http://127.0.0.1:8102": twins["basware"]["url"]}
    for printed, real in ports.items():
        assert printed in block
        block = block.replace(printed, real)
    return block.replace("[quickbooks]\n", "[quickbooks]\nlimits = { wait_after_refusal = 1.5 }\n")


def test_a_newcomer_who_enters_every_line_of_the_page_ends_with_every_invoice_settled(
    twins: dict[str, Any], tmp_path: Path
) -> None:
    file, answers = tmp_path / "practice.toml", []
    for language, block in BLOCKS:
        if language == "toml" and block.startswith("name ="):
            file.write_text(_file(block, twins))
        elif language == "toml":
            file.write_text(f"{file.read_text()}\n{block}")
        else:
            lines = [line for line in block.splitlines() if line.startswith("ml-connector ") and " serve " not in line]
            answers += [_run(line, tmp_path) for line in lines]

    assert len(answers) > 10
    assert [answer.stderr for answer in answers if answer.returncode not in {0, 1}] == []
    status = json.loads(_run("ml-connector status --json", tmp_path).stdout)
    assert {state: count["documents"] for state, count in status["documents"].items()} == {
        DocumentState.CONFIRMED.value: 58,
        DocumentState.IGNORED.value: 1,
        DocumentState.RETURNED.value: 1,
    }
