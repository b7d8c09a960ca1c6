"""A database's address: nothing of a password is ever told."""

import pytest

from fairlead.errors import Refused, Temporary
from fairlead.providers.databases.address import read
from fairlead.providers.databases.preflight import look


def test_who_does_not_answer_is_told_without_the_password() -> None:
    with pytest.raises(Temporary) as caught:
        look(read("postgresql://ana:s3cr%40t@/gone?host=%2Fnowhere&sslpassword=hush"))
    told = str(caught.value)
    assert told.startswith("gone on /nowhere does not answer: ")
    assert not any(secret in told for secret in ("s3cr", "hush"))


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://ana:s3cr@et@host/db",
        "postgresql://ana:s3/cret@host/db",
        "postgresql://ana:s3%zzcret@host/db",
        "postgresql://ana:s3cret@host:po3rt/db",
        "host=h password=s3cret",
        "s3cret",
    ],
)
def test_an_address_that_cannot_be_read_is_refused_without_a_word_of_it(url: str) -> None:
    with pytest.raises(Refused) as caught:
        read(url)
    assert "s3" not in str(caught.value)
    assert caught.value.__cause__ is None
