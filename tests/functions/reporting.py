"""An application that reports its errors with the real SDK of Sentry: chained, told, and others."""

import sys

import sentry_sdk
from sentry_sdk.consts import CompressionAlgo


def price(order: int) -> int:
    prices: dict[int, int] = {}
    return prices[order]


def pay(order: int) -> int:
    try:
        return price(order)
    except KeyError as error:
        raise ValueError(f"order {order} of ana@example.org has no price") from error


def main(dsn: str, coding: str) -> None:
    """Report what happens in two orders, a message, and work that is no error."""
    sentry_sdk.init(
        dsn=dsn,
        release="shop@" + "a" * 40,
        environment="blue",
        traces_sample_rate=1.0,
        _experiments={"transport_compression_algo": CompressionAlgo(coding)},
    )
    sentry_sdk.add_breadcrumb(message="a crumb that nobody needs")
    sentry_sdk.set_tag("component", "checkout")
    sentry_sdk.set_user({"id": "7", "email": "ana@example.org"})
    for order in (17, 23):
        with sentry_sdk.start_transaction(op="http.server", name="POST /pay"):
            try:
                pay(order)
            except ValueError:
                sentry_sdk.capture_exception()
    sentry_sdk.set_extra("attempt", 3)
    sentry_sdk.capture_message("the queue holds 512 orders", level="warning")
    sentry_sdk.flush(10)


if __name__ == "__main__":
    main(*sys.argv[1:])
