"""What may be seen of a QuickBooks sign-in: since when it holds, when it ends, how often it was renewed, what is wrong with it.

The tokens themselves are sealed in `secrets`. The generation rises whenever tokens are stored or forgotten and never falls, so that
whoever read tokens can tell whether they are still the newest.
"""

from datetime import datetime

import msgspec
from sqlalchemy import select, update

from ml_connector.store.database import Tx
from ml_connector.store.rows import as_struct, insert, inserted
from ml_connector.store.schema import ChainState, token_chains


class TokenChainRow(msgspec.Struct, frozen=True, kw_only=True):
    """One sign-in. `generation` counts the stored tokens; `refreshes` and `rotations` count since it was connected.

    `access_expires_at` is None until the first refresh. `refresh_expires_at` moves with every refresh, `hard_expires_at` never does
    (None while Intuit has not said). `retry_at`: Intuit is not asked before, after `failures` failures in a row. `begun_with`: the
    SHA-256 of the last refresh token that was given to us from elsewhere; it stays when the sign-in is given back.
    """

    connection_id: str
    state: ChainState
    generation: int
    connected_at: datetime
    refreshed_at: datetime | None = None
    rotated_at: datetime | None = None
    access_expires_at: datetime | None = None
    refresh_expires_at: datetime | None = None
    hard_expires_at: datetime | None = None
    refreshes: int = 0
    rotations: int = 0
    failures: int = 0
    retry_at: datetime | None = None
    problem: str = ""
    begun_with: str = ""


def get(tx: Tx, connection_id: str, *, lock: bool = False) -> TokenChainRow | None:
    """The sign-in of a connection; None when nobody ever signed in. With `lock` nobody else changes it in the meantime."""
    query = select(token_chains).where(token_chains.c.connection_id == connection_id)
    row = tx.execute(query.with_for_update() if lock else query).one_or_none()
    return None if row is None else as_struct(TokenChainRow, row)


def begin(tx: Tx, connection_id: str, now: datetime, **columns: object) -> int:
    """A person signed in, for the first time or again: everything starts anew but the generation, which rises; the new one.

    What an earlier sign-in began with stays known unless `columns` says what this one began with.
    """
    fresh = TokenChainRow(connection_id=connection_id, state=ChainState.LIVING, generation=1, connected_at=now)
    values = msgspec.structs.asdict(fresh) | columns
    statement = insert(tx, token_chains).values(**values)
    kept = {"connection_id", "generation", "begun_with"} - set(columns)
    again = {name: value for name, value in values.items() if name not in kept}
    statement = statement.on_conflict_do_update(
        index_elements=[token_chains.c.connection_id], set_={**again, "generation": token_chains.c.generation + 1}
    )
    return int(tx.execute(statement.returning(token_chains.c.generation)).scalar_one())


def move(tx: Tx, connection_id: str, generation: int, now: datetime, **columns: object) -> bool:
    """New tokens take the place of those of this generation (0: there is no row yet); False when others already did.

    Of two that read the same generation one moves it, whatever became of their leases meanwhile.
    """
    if generation == 0:
        fresh = TokenChainRow(connection_id=connection_id, state=ChainState.LIVING, generation=1, connected_at=now)
        return inserted(tx, token_chains, msgspec.structs.asdict(fresh) | columns)
    return change(tx, connection_id, generation, **(columns | {"generation": generation + 1}))


def change(tx: Tx, connection_id: str, of_generation: int, **columns: object) -> bool:
    """Note something of the tokens of this generation, a failure for example; False when there are newer ones."""
    statement = update(token_chains).where(
        token_chains.c.connection_id == connection_id, token_chains.c.generation == of_generation
    )
    return tx.execute(statement.values(**columns)).rowcount == 1


def forget(tx: Tx, connection_id: str, problem: str) -> bool:
    """The sign-in was given back; whether there was one. Whoever is renewing it at this moment can store nothing any more."""
    statement = update(token_chains).where(token_chains.c.connection_id == connection_id)
    values = {"state": ChainState.DISCONNECTED, "generation": token_chains.c.generation + 1, "problem": problem}
    return tx.execute(statement.values(**values, failures=0, retry_at=None, access_expires_at=None)).rowcount == 1


def try_again(tx: Tx, connection_id: str) -> None:
    """Something was corrected: Intuit may be asked at once, however many failures there were."""
    tx.execute(update(token_chains).where(token_chains.c.connection_id == connection_id).values(retry_at=None))
