"""Where the master key comes from: a variable, a file or a command, one of the three; and keys that change while a program runs."""

import shlex
import stat
import sys
from pathlib import Path

import pytest

from ml_connector.store.errors import VaultError
from ml_connector.store.master_keys import (
    COMMAND_VARIABLE,
    FILE_VARIABLE,
    KEY_VARIABLE,
    OLD_KEYS_VARIABLE,
    TIMEOUT_VARIABLE,
    MasterKeys,
    generate_master_key,
)
from ml_connector.store.vault import Vault, key_of

PLACE = {"table": "secrets", "connection_id": "c-north", "field": "quickbooks.tokens"}


def python(code: str) -> str:
    """A command that runs some Python."""
    return shlex.join([sys.executable, "-c", code])


class Hand:
    """A stopwatch that the test moves."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def __call__(self) -> float:
        return self.seconds


class Counted:
    """A source like a command's: it has to be asked, and asking is counted."""

    name = "a test"

    def __init__(self, *keys: bytes) -> None:
        self.keys = keys
        self.asked = 0
        self.broken = False

    def read(self) -> tuple[bytes, ...]:
        self.asked += 1
        if self.broken:
            raise VaultError("the key service is down")
        return self.keys

    def changed(self) -> bool:
        return False


# A command


def test_a_command_prints_the_key_and_former_ones_on_further_lines() -> None:
    key, former = generate_master_key(), generate_master_key()
    keys = MasterKeys.from_environment({COMMAND_VARIABLE: python(f"print('{key}'); print(); print('{former}')")})

    assert keys.current_id == MasterKeys.from_environment({KEY_VARIABLE: key}).current_id
    assert set(keys.ids()) == set(MasterKeys.from_environment({KEY_VARIABLE: key, OLD_KEYS_VARIABLE: former}).ids())


def test_former_keys_of_the_variable_count_beside_a_command_and_a_file(tmp_path: Path) -> None:
    key, former = generate_master_key(), generate_master_key()
    path = tmp_path / "master.key"
    path.write_text(key)
    expected = MasterKeys.from_environment({KEY_VARIABLE: key, OLD_KEYS_VARIABLE: former}).ids()
    for named in ({COMMAND_VARIABLE: python(f"print('{key}')")}, {FILE_VARIABLE: str(path)}):
        assert MasterKeys.from_environment({**named, OLD_KEYS_VARIABLE: former}).ids() == expected


def test_a_command_is_run_without_a_shell(tmp_path: Path) -> None:
    made = tmp_path / "made"
    with pytest.raises(VaultError):
        MasterKeys.from_environment({COMMAND_VARIABLE: f"echo x; touch {made}"})
    with pytest.raises(VaultError):
        MasterKeys.from_environment({COMMAND_VARIABLE: f"echo $(touch {made})"})

    assert not made.exists()


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("import sys; print('canary-word'); sys.exit(3)", "ended with exit code 3"),
        ("import sys; print('canary-word', file=sys.stderr); sys.exit(1)", "ended with exit code 1"),
        ("import os, signal; os.kill(os.getpid(), signal.SIGKILL)", "ended with exit code -9"),
        ("print('canary-word')", "is not base64"),
        ("print('Y2FuYXJ5LXdvcmQ=')", "holds 11 bytes"),
        ("pass", "holds no master key"),
        ("import sys; sys.stdout.buffer.write(b'\\xff\\xfe')", "printed something that is not a key"),
        ("print('canary-word' * 1_000_000)", "printed far more than a key"),
        ("while True: print('canary-word')", "printed far more than a key"),
    ],
)
def test_a_command_that_gives_no_key_is_told_without_a_word_of_its_output(code: str, words: str) -> None:
    with pytest.raises(VaultError, match=words) as refusal:
        MasterKeys.from_environment({COMMAND_VARIABLE: python(code)})

    chain = f"{refusal.value!r} {refusal.value.__cause__!r} {refusal.value.__context__!r}"
    assert "canary-word" not in chain
    assert "Y2FuYXJ5" not in chain


@pytest.mark.parametrize(
    ("command", "words"),
    [
        ("/no/such/program --key canary-word", "cannot be started"),
        ("echo 'canary-word", "quote is not closed"),
        (" ", "no command"),
    ],
)
def test_a_command_that_is_none_is_told(command: str, words: str) -> None:
    with pytest.raises(VaultError, match=words) as refusal:
        MasterKeys.from_environment({COMMAND_VARIABLE: command})

    assert "canary-word" not in str(refusal.value)


def test_a_command_that_never_ends_is_ended_with_everything_it_started() -> None:
    forever = "import subprocess, sys; subprocess.run([sys.executable, '-c', 'import time; time.sleep(600)'])"
    with pytest.raises(VaultError, match=r"did not end within 0\.5 seconds"):
        MasterKeys.from_environment({COMMAND_VARIABLE: python(forever), TIMEOUT_VARIABLE: "0.5"})


@pytest.mark.parametrize("seconds", ["0", "-1", "soon", "inf", "nan"])
def test_a_time_limit_is_a_number_of_seconds(seconds: str) -> None:
    with pytest.raises(VaultError, match=TIMEOUT_VARIABLE):
        MasterKeys.from_environment({COMMAND_VARIABLE: "true", TIMEOUT_VARIABLE: seconds})


@pytest.mark.parametrize(
    ("named", "words"),
    [
        ((KEY_VARIABLE, COMMAND_VARIABLE), "both set"),
        ((FILE_VARIABLE, COMMAND_VARIABLE), "both set"),
        ((KEY_VARIABLE, FILE_VARIABLE, COMMAND_VARIABLE), "all set"),
        ((), "no key is set"),
    ],
)
def test_exactly_one_of_variable_file_and_command_is_wanted(named: tuple[str, ...], words: str) -> None:
    with pytest.raises(VaultError, match=words) as refusal:
        MasterKeys.from_environment(dict.fromkeys(named, "canary-word"))

    assert "openssl rand -base64 32" in str(refusal.value)
    assert "canary-word" not in str(refusal.value)


# Keys that change while a program runs


def test_an_envelope_under_an_unknown_key_lets_the_source_be_asked_once_more() -> None:
    old, new = b"o" * 32, b"n" * 32
    source = Counted(new, old)
    running = Vault(MasterKeys(old, source=source))
    envelope = Vault(MasterKeys(new)).seal("a token", **PLACE)

    assert running.open(envelope, **PLACE).reveal() == "a token"
    assert running.open(envelope, **PLACE).reveal() == "a token"
    assert source.asked == 1
    assert key_of(running.seal("the next", **PLACE)) == key_of(envelope)


def test_values_under_a_lost_key_do_not_become_a_storm_on_the_key_service() -> None:
    hand, source = Hand(), Counted(b"o" * 32)
    running = Vault(MasterKeys(b"o" * 32, source=source, stopwatch=hand))
    lost = [Vault(MasterKeys(bytes([number]) * 32)).seal("lost", **PLACE) for number in range(20)]
    for envelope in lost:
        with pytest.raises(VaultError, match=OLD_KEYS_VARIABLE):
            running.open(envelope, **PLACE)
    assert source.asked == 1

    hand.seconds = 31
    with pytest.raises(VaultError):
        running.open(lost[0], **PLACE)
    assert source.asked == 2


def test_a_key_service_that_is_down_does_not_stop_what_known_keys_can_do() -> None:
    source = Counted(b"o" * 32)
    running = Vault(MasterKeys(b"o" * 32, source=source))
    source.broken = True
    with pytest.raises(VaultError, match="was not given"):
        running.open(Vault(MasterKeys(b"n" * 32)).seal("theirs", **PLACE), **PLACE)

    assert running.open(running.seal("ours", **PLACE), **PLACE).reveal() == "ours"


def test_a_changed_key_file_is_noticed_before_the_next_value_is_sealed(tmp_path: Path) -> None:
    path = tmp_path / "master.key"
    path.write_text(generate_master_key())
    running = Vault(MasterKeys.from_environment({FILE_VARIABLE: str(path)}))
    before = running.seal("first", **PLACE)

    MasterKeys.from_environment({FILE_VARIABLE: str(path)}).make_new()
    after = running.seal("second", **PLACE)

    assert key_of(after) != key_of(before)
    assert [running.open(one, **PLACE).reveal() for one in (before, after)] == ["first", "second"]
    assert len(running.fingerprints("9130357", purpose="realm")) == 2


@pytest.mark.parametrize("content", ["", "half a k", None])
def test_a_key_file_that_is_half_written_or_gone_changes_nothing(tmp_path: Path, content: str | None) -> None:
    path = tmp_path / "master.key"
    path.write_text(generate_master_key())
    running = Vault(MasterKeys.from_environment({FILE_VARIABLE: str(path)}))
    before = running.seal("first", **PLACE)
    if content is None:
        path.unlink()
    else:
        path.write_text(content)

    assert key_of(running.seal("second", **PLACE)) == key_of(before)


def test_a_new_key_is_put_on_top_of_the_file_and_the_former_stays(tmp_path: Path) -> None:
    path = tmp_path / "master.key"
    former = generate_master_key()
    path.write_text(former + "\n")
    path.chmod(0o640)
    keys = MasterKeys.from_environment({FILE_VARIABLE: str(path)})
    before = keys.current_id

    keys.make_new()

    lines = path.read_text().split()
    assert (len(lines), lines[1]) == (2, former)
    assert keys.ids()[1] == before
    assert keys.ids() == MasterKeys.from_environment({FILE_VARIABLE: str(path)}).ids()
    assert stat.S_IMODE(path.stat().st_mode) == 0o640
    assert [one.name for one in tmp_path.iterdir()] == ["master.key"]


def test_of_two_programs_that_make_a_new_key_at_once_one_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "master.key"
    path.write_text(generate_master_key())
    keys = MasterKeys.from_environment({FILE_VARIABLE: str(path)})
    (tmp_path / ".master.key.new").touch()

    with pytest.raises(VaultError, match=r"\.master\.key\.new cannot be made"):
        keys.make_new()
    assert len(path.read_text().split()) == 1


@pytest.mark.parametrize(
    "environment",
    [
        {KEY_VARIABLE: generate_master_key()},
        {COMMAND_VARIABLE: python("print('AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=')")},
    ],
)
def test_a_key_that_comes_from_elsewhere_is_not_changed_by_us(environment: dict[str, str]) -> None:
    with pytest.raises(VaultError, match="which only you can change"):
        MasterKeys.from_environment(environment).make_new()
