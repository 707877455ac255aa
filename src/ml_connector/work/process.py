"""Keeps what this process has in memory, keys and tokens among it, out of core files and out of other programs' sight.

Asked of the operating system once, at the start of a command. Root can look all the same.
"""

import ctypes
import logging
import resource
import sys

_PR_SET_DUMPABLE = 4  # Linux, prctl(2)
_log = logging.getLogger(__name__)


def keep_memory_private() -> None:
    """No core file, also of the programs started from here; on Linux no other program of the same user may look in, either.

    A system that refuses is told in the log and does not stop the command.
    """
    try:
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    except (OSError, ValueError) as error:
        _log.warning("core files cannot be switched off (%s); one would hold secrets", error)
    if sys.platform == "linux":
        system = ctypes.CDLL(None, use_errno=True)
        if system.prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0) != 0:
            _log.warning("other programs of this user may read the memory of this one (error %d)", ctypes.get_errno())
