"""Does a message reach a webhook as data, and does its address stay a secret?"""

import json
from pathlib import Path

import pytest

from fairlead.errors import Temporary
from fairlead.providers.messages.webhook import Webhooks
from fairlead.providers.secrets.files import SecretFiles
from webhook_stand import Receiver, free_port


@pytest.fixture
def secrets(tmp_path: Path) -> SecretFiles:
    return SecretFiles(tmp_path / "secrets")


def refused(webhooks: Webhooks) -> str:
    with pytest.raises(Temporary) as told:
        webhooks.post("pager", "it fails", "danger", {})
    assert told.value.__cause__ is None or "hooks" not in str(told.value.__cause__)
    assert "T0/B0/hidden" not in str(told.value)
    return str(told.value)


def test_slack_gets_text_and_fields_as_they_are(secrets: SecretFiles) -> None:
    with Receiver() as slack:
        secrets.put("pager", slack.url + "\n")
        text = 'it said "no"\n<!channel> & <https://example.org|click>'
        fields = {"Error Rate": "100.00%", "Why": "x" * 40}
        Webhooks(secrets).post("pager", text, "danger", fields)
        (got,) = slack.got
    assert json.loads(got.body) == {
        "text": 'it said "no"\n&lt;!channel&gt; &amp; &lt;https://example.org|click&gt;',
        "attachments": [
            {
                "color": "danger",
                "fields": [
                    {"title": "Error Rate", "value": "100.00%", "short": True},
                    {"title": "Why", "value": "x" * 40, "short": False},
                ],
            }
        ],
    }
    assert (got.path, got.kind) == ("/T0/B0/hidden", "application/json")


def test_nobody_there_and_a_refusal_are_told_without_the_address(secrets: SecretFiles) -> None:
    secrets.put("pager", f"http://127.0.0.1:{free_port()}/T0/B0/hidden")
    told = refused(Webhooks(secrets))
    assert told == "the address in the secret pager does not answer (ConnectError)"
    with Receiver() as slack:
        slack.answers = [500, 404, 302]
        secrets.put("pager", slack.url)
        for status in (500, 404, 302):
            told = refused(Webhooks(secrets))
            assert told == f"the address in the secret pager answered {status}"


@pytest.mark.parametrize("url", ["hidden", "ftp://hidden/T0/B0/hidden", "http://[T0/B0/hidden"])
def test_an_address_that_is_none_is_told_without_it(secrets: SecretFiles, url: str) -> None:
    secrets.put("pager", url)
    assert "hidden" not in refused(Webhooks(secrets))


def test_a_secret_that_nobody_put_is_named(secrets: SecretFiles) -> None:
    assert "`fairlead secret put pager`" in refused(Webhooks(secrets))
