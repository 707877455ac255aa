"""Shapes of JSON are known before threads meet them: two that met one first at the same moment could end the process."""

import subprocess
import sys

from databases import SqliteFiles

_SCENE = """
import sys
from threading import Barrier, Thread

from ml_connector.app import App
from ml_connector.store.database import Database
from ml_connector.store.vault import MasterKeys, Vault
from ml_connector.work.settings import decode_settings

App(Database.open(sys.argv[1]), Vault(MasterKeys(b"w" * 32)))
sys.setswitchinterval(1e-6)
together = Barrier(16)

def read():
    together.wait()
    decode_settings('{"basware": {"company_codes": ["US10"]}}')

threads = [Thread(target=read) for _ in range(16)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
"""


def test_many_threads_may_read_their_first_settings_at_the_same_moment(sqlite: SqliteFiles) -> None:
    """Without preparing, one of a few such processes ended with a segmentation fault."""
    with sqlite.fresh() as url:
        for _ in range(3):
            ended = subprocess.run([sys.executable, "-c", _SCENE, url], check=False, capture_output=True, text=True)

            assert (ended.returncode, ended.stderr) == (0, "")
