"""Names of worker processes, by which a lease left behind by a dead one on this machine is told from a busy one."""

import os
import socket


def worker_name() -> str:
    """This process: machine and process id."""
    return f"{socket.gethostname()}/{os.getpid()}"


def has_died(worker: str) -> bool:
    """Whether a worker was a process of this machine that no longer runs. Of other machines nothing is known: False."""
    host, _, pid = worker.rpartition("/")
    if host != socket.gethostname() or not pid.isdigit():
        return False
    try:
        os.kill(int(pid), 0)
    except ProcessLookupError:
        return True
    except PermissionError:
        return False
    return False
