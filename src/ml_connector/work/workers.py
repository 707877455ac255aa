"""Names of worker processes, by which a lease left behind by a dead one on this machine is told from a busy one.

A name holds the machine, the space its process numbers count in (each container has its own), the process and when it began, so
that neither another container's process nor a later one with the same number is taken for it.
"""

import os
import socket
from pathlib import Path

_ENDED = "ended"


def worker_name(part: str = "") -> str:
    """This process, `machine/number space/process.start`; `part` tells several workers inside it apart."""
    pid = os.getpid()
    name = f"{socket.gethostname()}/{_space()}/{pid}.{_start(pid)}"
    return f"{name}/{part}" if part else name


def has_died(worker: str) -> bool:
    """Whether a worker was a process of this machine that no longer runs. Of other machines nothing is known: False."""
    host, _, rest = worker.partition("/")
    space, _, process = rest.partition("/")
    pid, _, start = process.partition("/")[0].partition(".")
    if (host, space) != (socket.gethostname(), _space()) or not pid.isdigit():
        return False
    try:
        os.kill(int(pid), 0)
    except ProcessLookupError:
        return True
    except PermissionError:
        return False
    found = _start(int(pid))
    return found == _ENDED or (bool(start) and found not in {"", start})


def _space() -> str:
    """Where this process's number counts: the boot of the machine and the container; empty where the system does not tell."""
    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii")
        return f"{boot[:8]}-{Path('/proc/self/ns/pid').readlink().name.strip('pid:[]')}"
    except OSError:
        return ""


def _start(pid: int) -> str:
    """When a process began, in the system's own count; empty where the system does not tell. One that ended and that its
    parent has not taken note of yet is no longer running."""
    try:
        # The second field is the program's name in brackets, which may itself hold blanks and brackets.
        text = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
        state, *fields = text.rpartition(")")[2].split()
        return _ENDED if state in {"Z", "X"} else fields[18]
    except (OSError, IndexError):
        return ""
