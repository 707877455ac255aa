"""A lease left behind by a dead process of this machine is told from a busy one; of other machines nothing is assumed."""

import os
import socket
import subprocess
import sys

import pytest

from ml_connector.work.desk import ConnectionBusyError
from ml_connector.work.workers import has_died, worker_name
from world import World


@pytest.fixture
def dead() -> str:
    """The name of a process that ran on this machine and ended."""
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait(60)
    return f"{socket.gethostname()}/{ended.pid}"


def test_this_process_is_alive_and_an_ended_one_is_not(dead: str) -> None:
    assert not has_died(worker_name())
    assert has_died(dead)


def test_of_everybody_else_nothing_is_known() -> None:
    names = ("elsewhere/1", "first process", "", f"{socket.gethostname()}/x", f"elsewhere/{os.getpid()}")

    assert not [name for name in names if has_died(name)]


def test_a_dead_process_s_lease_is_taken_over_at_once(world: World, dead: str) -> None:
    world.restart(dead).desk().take_lease()

    world.restart("next").run()


def test_a_living_process_s_lease_is_respected(world: World) -> None:
    world.restart(worker_name()).desk().take_lease()

    with pytest.raises(ConnectionBusyError):
        world.restart("next").run()
