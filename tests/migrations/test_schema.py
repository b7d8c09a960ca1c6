"""Which lines of a dump are a database's shape?"""

from fairlead.migrations.schema import difference, read

HEAD = """--
-- PostgreSQL database dump
--
\\restrict fairlead
-- Dumped from database version {version}
SET statement_timeout = 0;
SELECT pg_catalog.set_config('search_path', '', false);

"""
BODY = """--
-- Name: raise_all(); Type: FUNCTION; Schema: public; Owner: ana
--

CREATE FUNCTION public.raise_all() RETURNS void LANGUAGE sql AS $$
UPDATE prices
{line}
$$;
"""


def dump(line: str, version: str = "18.1") -> str:
    return HEAD.format(version=version) + BODY.format(line=line)


def test_who_wrote_the_dump_is_no_shape() -> None:
    assert read(dump("SET a = 1")) == read(dump("SET a = 1", version="18.3"))
    assert read(HEAD.format(version="18.1")) == read("")


def test_every_line_of_a_function_counts_whatever_it_begins_with() -> None:
    one = read(dump("SET a = 1"))
    for other in (
        "SET a = 2",
        "-- SET a = 1",
        "",
        "\\",
        "SELECT pg_catalog.set_config('a', '', true)",
    ):
        assert read(dump(other)).fingerprint != one.fingerprint
    assert difference(one, read(dump("SET a = 2"))) == ("-SET a = 1", "+SET a = 2")
