"""How is said that an error is mended?"""

from fairlead.cli import connection, terminal
from fairlead.cli.errors.asked import Environment, Fingerprint, place
from fairlead.cli.options import APP, JSON, Asked, takes


@takes(APP, JSON)
def resolve(asked: Asked, fingerprint: Fingerprint, environment: Environment = "") -> None:
    """Say that an error is mended; when it happens again, it is open again."""
    from fairlead.cli.client import named

    client = connection.connect(asked)
    where = place(client, asked, environment)
    told = client.post(f"{where}/errors/{named(fingerprint)}/resolve", {})
    if asked.as_json:
        terminal.tell_json(told)
        return
    terminal.say(f"resolved: {told['title']} ({told['fingerprint'][:8]})")
