"""Where can an app's database be when there is no PostgreSQL for it yet? In a cluster of ours.

It belongs to a role of its own, which may do nothing elsewhere.
"""

from urllib.parse import quote

from psycopg import sql
from psycopg.conninfo import conninfo_to_dict

from fairlead.errors import Refused
from fairlead.providers.databases.session import session


def make(cluster: str, name: str) -> str:
    """Make an empty database and its owner of that name, and return the owner's address of it.

    `cluster` is the superuser's address of any database there.

    Errors: `Refused` when there is a database of that name that belongs to somebody else;
    `Temporary` when the cluster does not answer.
    """
    named = sql.Identifier(name)
    with session(cluster, "fairlead db create") as open_one:
        row = open_one.execute(
            "SELECT pg_get_userbyid(datdba) AS owner FROM pg_database WHERE datname = %s", [name]
        ).fetchone()
        # One of its own role was left by an attempt that was killed.
        if row is not None and row["owner"] != name:
            raise Refused(f"there is a database {name} already: choose another name")
        role = open_one.execute("SELECT FROM pg_roles WHERE rolname = %s", [name]).fetchone()
        if role is None:
            open_one.execute(sql.SQL("CREATE ROLE {} LOGIN").format(named))
        if row is None:
            open_one.execute(sql.SQL("CREATE DATABASE {} OWNER {}").format(named, named))
        open_one.execute(sql.SQL("REVOKE ALL ON DATABASE {} FROM PUBLIC").format(named))
    host = conninfo_to_dict(cluster).get("host", "")
    return f"postgresql://{quote(name)}@/{quote(name)}?host={quote(str(host), safe='')}"
