"""Are quantities read as they are written, and written as they can be read?"""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fairlead.release.spec.quantity import (
    LONGEST_S,
    address,
    seconds,
    share,
    written_duration,
    written_share,
)


@pytest.mark.parametrize(
    ("text", "value"),
    [("500ms", 0.5), ("30s", 30), ("5m", 300), ("1.5h", 5400), ("7d", 604800), ("0s", 0)],
)
def test_a_duration_is_read_in_seconds(text: str, value: float) -> None:
    assert seconds(text) == value


@pytest.mark.parametrize("text", ["5", "5 m", "m", "-5m", "5M", "5m\n", "٣s", "1e3s", "366d", 5])
def test_a_duration_without_a_clear_unit_is_refused(text: object) -> None:
    with pytest.raises(ValueError, match="a duration"):
        seconds(text)


@pytest.mark.parametrize("text", ["2", "101%", "100.1%", "-1%", "2 %", "2%\n", 0.02])
def test_a_share_beyond_all_or_without_sign_is_refused(text: object) -> None:
    with pytest.raises(ValueError, match="a percentage from 0% to 100% is needed"):
        share(text)


@pytest.mark.parametrize("text", ["8080", "a:80", "1.2.3:80", "1.2.3.4:0", "1.2.3.4:65536", None])
def test_an_address_nobody_can_listen_on_is_refused(text: object) -> None:
    with pytest.raises(ValueError, match="an address is needed"):
        address(text)


def test_the_local_host_has_one_name() -> None:
    assert address("localhost:80") == address("127.0.0.1:80") == "127.0.0.1:80"


@pytest.mark.parametrize(
    ("value", "text"),
    [(300.0, "5m"), (90.0, "90s"), (86400.0, "1d"), (0.5, "500ms"), (1.5, "1.5s"), (0.0, "0s")],
)
def test_a_duration_is_written_in_the_largest_unit_that_divides_it(value: float, text: str) -> None:
    assert written_duration(value) == text


@settings(deadline=None)
@given(st.integers(0, 10**9), st.sampled_from(["ms", "s", "m", "h", "d"]))
def test_a_duration_survives_being_written(number: int, unit: str) -> None:
    try:
        value = seconds(f"{number % 10**9}{unit}")
    except ValueError:
        return
    assert 0 <= value <= LONGEST_S
    assert seconds(written_duration(value)) == value


@settings(deadline=None)
@given(st.decimals(0, 100, places=6))
def test_a_share_survives_being_written(percent: object) -> None:
    value = share(f"{percent:f}%")
    assert 0 <= value <= 1
    assert share(written_share(value)) == value
