"""A lease left behind by a dead process of this machine is told from a busy one; of other machines nothing is assumed."""

import os
import subprocess
import sys

import pytest

from ml_connector.work.desk import ConnectionBusyError
from ml_connector.work.workers import has_died, worker_name
from world import World


@pytest.fixture
def dead() -> str:
    """The name of a process that ran on this machine and ended."""
    program = "from ml_connector.work.workers import worker_name; print(worker_name())"
    return subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout.strip()


def test_this_process_is_alive_and_an_ended_one_is_not(dead: str) -> None:
    assert not has_died(worker_name())
    assert not has_died(worker_name("second thread"))
    assert has_died(dead)


def test_a_later_process_with_the_same_number_is_not_taken_for_the_dead_one() -> None:
    machine_and_space, _, process = worker_name().rpartition("/")
    pid, _, start = process.partition(".")

    assert start, "this system tells when a process began"
    assert has_died(f"{machine_and_space}/{pid}.{int(start) - 1}")
    assert not has_died(f"{machine_and_space}/{pid}.{start}/second thread")


def test_a_process_that_ended_without_its_parent_noticing_is_dead() -> None:
    program = "from ml_connector.work.workers import worker_name; print(worker_name())"
    with subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout is not None
        name, end_of_file = child.stdout.readline().strip(), child.stdout.read()
        assert end_of_file == ""
        os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)  # it ended, and is left as it is

        assert has_died(name)


def test_of_everybody_else_nothing_is_known() -> None:
    host, space, _ = worker_name().split("/")
    names = (
        "elsewhere/1",
        "first process",
        "",
        f"{host}/{space}/x",
        f"{host}/other container/1",
        f"{host}/1",
        "a/b/c/d",
    )

    assert not [name for name in names if has_died(name)]


def test_a_dead_process_s_lease_is_taken_over_at_once(world: World, dead: str) -> None:
    world.restart(dead).desk().take_lease()

    world.restart("next").run()


def test_a_living_process_s_lease_is_respected(world: World) -> None:
    world.restart(worker_name()).desk().take_lease()

    with pytest.raises(ConnectionBusyError):
        world.restart("next").run()
