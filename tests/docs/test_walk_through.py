"""Follows docs/get-started.md word for word on the twins: every command a newcomer is told to enter, in order."""

import json
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ml_connector.cli.main import app
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


def _run(line: str) -> int:
    result = app(shlex.split(line, comments=True)[1:], exit_on_error=False, result_action="return_value")
    assert isinstance(result, int)
    return result


def test_a_newcomer_who_enters_every_line_of_the_page_ends_with_every_invoice_settled(
    twins: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("ML_CONNECTOR_HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)
    file = tmp_path / "practice.toml"
    entered = []
    for language, block in BLOCKS:
        if language == "toml" and block.startswith("name ="):
            at = {"http://127.0.0.1:8101": twins["quickbooks"]["url"], "http://127.0.0.1:8102": twins["basware"]["url"]}
            for printed, real in at.items():
                assert printed in block
                block = block.replace(printed, real)  # noqa: PLW2901  the page's ports may be taken here
            file.write_text(block)
        elif language == "toml":
            kept = [line for line in file.read_text().splitlines() if not line.startswith("refresh_token")]
            file.write_text("\n".join([*kept, block]))
        else:
            lines = [line for line in block.splitlines() if line.startswith("ml-connector ") and " serve " not in line]
            for line in lines:
                entered.append((line, _run(line)))

    assert len(entered) > 10
    assert {code for _, code in entered} <= {0, 1}
    capsys.readouterr()
    _run("ml-connector status --json")
    counts = {state: count["documents"] for state, count in json.loads(capsys.readouterr().out)["documents"].items()}
    assert counts == {
        DocumentState.CONFIRMED.value: 58,
        DocumentState.IGNORED.value: 1,
        DocumentState.RETURNED.value: 1,
    }
