"""Runs the migrations inside the transaction that `Database.migrate` holds, so that they happen wholly or not at all."""

from alembic import context

from ml_connector.store.schema import metadata

context.configure(connection=context.config.attributes["connection"], target_metadata=metadata, transactional_ddl=True)
with context.begin_transaction():
    context.run_migrations()
