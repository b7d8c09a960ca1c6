"""How does Alembic reach the database? Over psycopg, one server at a time."""

import sqlalchemy as sa
from alembic import context

ONE_AT_A_TIME = 7_310_001

# Both spellings of the scheme are PostgreSQL's own; SQLAlchemy wants the driver's name in it.
address = context.config.attributes["url"].partition("://")[2]
url = f"postgresql+psycopg://{address}"
engine = sa.create_engine(url, poolclass=sa.pool.NullPool)
with engine.connect() as connection:
    connection.execute(sa.text(f"SELECT pg_advisory_lock({ONE_AT_A_TIME})"))
    connection.execute(sa.text("CREATE SCHEMA IF NOT EXISTS fairlead"))
    connection.commit()
    context.configure(connection=connection, version_table_schema="fairlead")
    with context.begin_transaction():
        context.run_migrations()
    connection.execute(sa.text(f"SELECT pg_advisory_unlock({ONE_AT_A_TIME})"))
    connection.commit()
engine.dispose()
