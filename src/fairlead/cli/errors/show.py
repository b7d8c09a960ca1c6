"""What is known of one error?"""

from fairlead.cli import connection, terminal
from fairlead.cli.errors.asked import Environment, Fingerprint, place
from fairlead.cli.options import APP, JSON, Asked, takes


@takes(APP, JSON)
def show(asked: Asked, fingerprint: Fingerprint, environment: Environment = "") -> None:
    """Tell all about one error, with the stack of its newest event."""
    from fairlead.cli.client import named

    client = connection.connect(asked)
    told = client.get(f"{place(client, asked, environment)}/errors/{named(fingerprint)}")
    if asked.as_json:
        terminal.tell_json(told)
        return
    from fairlead.cli.errors.pictures import error_picture

    terminal.draw(error_picture(told))
