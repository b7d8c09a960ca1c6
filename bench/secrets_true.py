"""Which lines do hold a secret? Families of them, each in the half it was written for."""

import base64
from collections.abc import Callable
from typing import NamedTuple

from secrets_values import (
    BASE62,
    BASE64,
    URL_SAFE,
    Chance,
    aws_key_id,
    github,
    hexadecimal,
    in_an_address,
    in_base64,
    jwt,
    letters,
    password,
    pem,
    service_role,
    uuid,
    words,
)

Maker = Callable[[Chance], tuple[str, str]]


class Family(NamedTuple):
    """How one kind of candidate is made: `shapes` are lines with `{}` for the value.

    `file` is the name it lies in. `tuned` tells that the scanner's rules were adjusted on it.
    """

    name: str
    tuned: bool
    many: int
    file: str
    shapes: tuple[str, ...]
    value: Callable[[Chance], str]


PY, TS, ENV, YAML, JSON, TOML, SH = (
    "settings.py",
    "client.ts",
    ".env",
    "values.yaml",
    "config.json",
    "app.toml",
    "deploy.sh",
)


def _slack(chance: Chance) -> str:
    numbers = [str(chance.randrange(10**11, 10**12)) for _ in range(3)]
    if chance.random() < 0.5:
        return "-".join(("xox" + "b", *numbers[:2], letters(chance, 24)))
    return "-".join(("xox" + "p", *numbers, hexadecimal(chance, 32)))


def _slack_hook(chance: Chance) -> str:
    place = f"T{letters(chance, 8, BASE62[:36])}/B{letters(chance, 10, BASE62[:36])}"
    return "https://hooks." + f"slack.com/services/{place}/{letters(chance, 24)}"


def _discord_hook(chance: Chance) -> str:
    number = chance.randrange(10**17, 10**18)
    return "https://discord" + f".com/api/webhooks/{number}/{letters(chance, 68, URL_SAFE)}"


def _address(schemes: tuple[str, ...], hosts: tuple[str, ...]) -> Callable[[Chance], str]:
    def made(chance: Chance) -> str:
        user = chance.choice(("app", "api_user", "postgres", "svc-billing", words(chance, 1)))
        host = f"{words(chance, 1)}.{chance.choice(hosts)}"
        return (
            f"{chance.choice(schemes)}://{user}:{in_an_address(chance)}@{host}/{words(chance, 1)}"
        )

    return made


def _basic(chance: Chance) -> str:
    return base64.b64encode(f"{words(chance, 1)}:{password(chance)}".encode()).decode()


def _account(chance: Chance) -> str:
    key = pem(chance, "PRIVATE" + " KEY", 1192, "\\n")
    return f'"private_key_id": "{hexadecimal(chance, 40)}",\n  "private_key": "{key}\\n"'


def _azure(chance: Chance) -> str:
    name = words(chance, 2, "")
    return f"DefaultEndpointsProtocol=https;AccountName={name};AccountKey={in_base64(chance, 64)}"


def _ado(chance: Chance) -> str:
    user, secret = words(chance, 1), letters(chance, 16, BASE62 + "!#-_")
    return f"Server=tcp:{words(chance, 1)}.example.net,1433;User ID={user};Password={secret};"


def _one_of(*makers: Callable[[Chance], str]) -> Callable[[Chance], str]:
    return lambda chance: chance.choice(makers)(chance)


def _key(prefix: str, many: int, of: str = BASE62) -> Callable[[Chance], str]:
    return lambda chance: prefix + letters(chance, many, of)


TUNED = (
    Family(
        "aws pair, ini",
        True,
        14,
        "credentials",
        ("aws_access_key_id = {}", "[default]\naws_access_key_id={}"),
        lambda c: f"{aws_key_id(c)}\naws_secret_access_key = {letters(c, 40, BASE64)}",
    ),
    Family(
        "aws secret, code",
        True,
        14,
        PY,
        ("AWS_SECRET_ACCESS_KEY = '{}'", 'client = boto3.client("s3", aws_secret_access_key="{}")'),
        lambda c: letters(c, 40, BASE64),
    ),
    Family(
        "github",
        True,
        18,
        SH,
        (
            "export GITHUB_TOKEN={}",
            "git clone https://x-access-token:{}@github.com/a/b.git",
            'curl -H "Authorization: token {}" https://api.github.com/user',
        ),
        github,
    ),
    Family(
        "stripe",
        True,
        12,
        TS,
        ("const stripe = new Stripe('{}');", 'stripeKey: "{}",'),
        _one_of(_key("sk_" + "live_", 24), _key("rk_" + "live_", 99)),
    ),
    Family(
        "slack",
        True,
        14,
        YAML,
        ("slack:\n  bot: {}", "SLACK_TOKEN: '{}'", "url: {}"),
        _one_of(_slack, _slack_hook),
    ),
    Family(
        "rsa key", True, 10, "deploy_key.pem", ("{}",), lambda c: pem(c, "RSA " + "PRIVATE KEY")
    ),
    Family(
        "postgres address",
        True,
        24,
        ENV,
        ("DATABASE_URL={}", 'DATABASE_URL="{}?sslmode=require"', "export DB={}"),
        _address(("postgres", "postgresql"), ("db.example.net", "eu-west-1.rds.amazonaws.com")),
    ),
    Family(
        "password, python",
        True,
        30,
        PY,
        (
            'PASSWORD = "{}"',
            "db_password = '{}'",
            'connect(user="app", password="{}")',
            '    "passwd": "{}",',
            'self.admin_pass = "{}"',
        ),
        password,
    ),
    Family(
        "dotenv",
        True,
        24,
        ENV,
        ("JWT_SECRET={}", 'SESSION_SECRET="{}"', "APP_KEY=base64:{}", "ENCRYPTION_KEY={}"),
        _one_of(lambda c: hexadecimal(c, 64), lambda c: in_base64(c, 32)),
    ),
    Family(
        "service role", True, 12, TS, ("const key = '{}'", 'createClient(url, "{}")'), service_role
    ),
    Family(
        "password, yaml",
        True,
        20,
        YAML,
        ("password: {}", '  dbPassword: "{}"', "  smtp_password: '{}'", "adminPassword: {}"),
        lambda c: letters(c, c.randrange(12, 25), BASE62 + "-_."),
    ),
)

HELD_OUT = (
    Family(
        "google",
        False,
        12,
        JSON,
        ('"apiKey": "{}",', '{{"key": "{}"}}'),
        _key("AI" + "za", 35, URL_SAFE),
    ),
    Family("google account", False, 8, "service-account.json", ("  {},",), _account),
    Family(
        "registries",
        False,
        16,
        ".npmrc",
        ("//registry.npmjs.org/:_authToken={}", "token = {}"),
        _one_of(
            _key("npm" + "_", 36),
            _key("glp" + "at-", 20),
            _key("py" + "pi-AgEIcHlwaS5vcmc", 90, URL_SAFE),
        ),
    ),
    Family(
        "mail and messages",
        False,
        14,
        PY,
        ('SENDGRID_API_KEY = "{}"', 'hook("{}")'),
        _one_of(
            lambda c: "S" + f"G.{letters(c, 22, URL_SAFE)}.{letters(c, 43, URL_SAFE)}",
            _discord_hook,
        ),
    ),
    Family(
        "other private keys",
        False,
        14,
        "id.key",
        ("{}", "cat > k <<EOF\n{}\nEOF"),
        _one_of(
            lambda c: pem(c, "EC " + "PRIVATE KEY", 121),
            lambda c: pem(c, "OPENSSH " + "PRIVATE KEY", 400),
            lambda c: pem(c, "PRIVATE" + " KEY", 1217),
        ),
    ),
    Family(
        "other addresses",
        False,
        26,
        YAML,
        ("url: {}", 'broker: "{}"', "    - CACHE={}"),
        _address(
            ("mysql", "mongodb+srv", "redis", "amqp", "https"), ("example.net", "cloud.example.org")
        ),
    ),
    Family(
        "keys, json and toml",
        False,
        26,
        JSON,
        ('"api_key": "{}",', '"clientSecret": "{}"', '  "accessToken" : "{}",', '"secretKey":"{}"'),
        _one_of(
            lambda c: letters(c, c.randrange(24, 49)),
            lambda c: hexadecimal(c, 32),
            lambda c: hexadecimal(c, 40),
        ),
    ),
    Family(
        "keys, toml",
        False,
        14,
        TOML,
        ("api_key = '{}'", 'auth_token = "{}"', 'signing-secret = "{}"'),
        _one_of(lambda c: letters(c, 32), lambda c: in_base64(c, 32)),
    ),
    Family(
        "basic",
        False,
        14,
        TS,
        (
            "headers: {{ Authorization: 'Basic {}' }},",
            'req.setHeader("Authorization", "Basic {}");',
        ),
        _basic,
    ),
    Family(
        "bearer",
        False,
        12,
        SH,
        ('curl -H "Authorization: Bearer {}" "$URL"', "http GET $URL 'Authorization:Bearer {}'"),
        _one_of(
            lambda c: letters(c, 40), lambda c: jwt(c, sub=uuid(c), role="admin", aud="internal")
        ),
    ),
    Family(
        "shell",
        False,
        20,
        SH,
        ("export DB_PASSWORD='{}'", "PGPASSWORD={} psql -h db -U app", 'ADMIN_TOKEN="{}" ./run'),
        lambda c: letters(c, c.randrange(14, 25)),
    ),
    Family(
        "models",
        False,
        12,
        PY,
        ('client = OpenAI(api_key="{}")', 'token="{}"'),
        _one_of(
            lambda c: (
                "sk-" + f"proj-{letters(c, 74, URL_SAFE)}T3Blbk" + f"FJ{letters(c, 74, URL_SAFE)}"
            ),
            lambda c: "sk-" + f"ant-api03-{letters(c, 93, URL_SAFE)}AA",
            lambda c: "h" + f"f_{letters(c, 34, BASE62[10:])}",
        ),
    ),
    Family(
        "connection strings",
        False,
        14,
        "appsettings.json",
        ('"Default": "{}"', '"Storage": "{}",'),
        _one_of(_azure, _ado),
    ),
    Family(
        "other syntaxes",
        False,
        28,
        "mixed.txt",
        (
            "spring.datasource.password={}",
            "<password>{}</password>",
            "      - POSTGRES_PASSWORD={}",
            "ENV API_TOKEN {}",
            '  password = "{}"',
            "requirepass {}",
            "const db = {{ user: 'a', password: '{}' }};",
        ),
        lambda c: letters(c, c.randrange(14, 25)),
    ),
)
