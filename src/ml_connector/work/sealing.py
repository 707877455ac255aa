"""Sealing the audits at the end of a run: that of the connection, and that of what was done to people meanwhile.

Each head goes into the log, where whoever can change the tables may not reach.
"""

import logging

from ml_connector.store.audit_chain import PORTION, Chain
from ml_connector.store.database import Tx

__all__ = ["PORTION", "head_of", "seal_audits"]

_log = logging.getLogger(__name__)


def seal_audits(tx: Tx, connection_id: str, name: str) -> int:
    """Seal a portion of each; how many entries the larger one had, PORTION where more may wait."""
    return max(_seal(tx, Chain(connection_id), f"audit of {name}"), _seal(tx, Chain(), "audit of people"))


def _seal(tx: Tx, chain: Chain, what: str) -> int:
    sealed = chain.seal(tx)
    if sealed:
        _log.info("the %s is sealed through %s", what, head_of(tx, chain))
    return sealed


def head_of(tx: Tx, chain: Chain) -> str:
    """The head as `ml-connector audit verify --expect` takes it, POSITION:HASH; empty where nothing is sealed."""
    position, digest = chain.head(tx)
    return f"{position}:{digest}" if position else ""
