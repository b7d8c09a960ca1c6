"""Which lines only look as if they held a secret? The families that no rule was tuned on."""

from secrets_false import a_name, among
from secrets_true import Family
from secrets_values import (
    BASE62,
    HEX,
    URL_SAFE,
    Chance,
    hexadecimal,
    in_base64,
    jwt,
    letters,
    pem,
    uuid,
    words,
)


def _path(chance: Chance) -> str:
    points = (
        f"{chance.choice('MLCQ')}{chance.random() * 99:.3f} {chance.random() * 99:.3f}"
        for _ in range(30)
    )
    return "".join(points)


def _log(chance: Chance) -> str:
    trace = f"trace={hexadecimal(chance, 32)} span={hexadecimal(chance, 16)}"
    return f"{trace} user={uuid(chance)} {words(chance, 4)}"


def _long_address(chance: Chance) -> str:
    there = f"https://{words(chance, 1)}.example.com/{words(chance, 3, '/')}"
    asked = f"utm_source={words(chance, 1)}&v={hexadecimal(chance, 12)}"
    return f"{there}/{uuid(chance)}?{asked}&page={chance.randrange(99)}"


HELD_OUT = (
    Family(
        "checksum",
        False,
        110,
        "SHA256SUMS",
        ("{}  fairlead-1.2.tar.gz", "    --hash=sha256:{} \\", 'checksum = "{}"', "sha256 '{}'"),
        lambda c: hexadecimal(c, 64),
    ),
    Family(
        "go sum",
        False,
        80,
        "go.sum",
        ("example.org/mod v1.2.3 h1:{}", "example.org/mod v1.2.3/go.mod h1:{}"),
        lambda c: in_base64(c, 32),
    ),
    Family(
        "file name",
        False,
        80,
        "manifest.json",
        (
            '"main.js": "static/js/main.{}.js",',
            '<script src="/assets/index-{}.js"></script>',
            "chunk-{}.css",
        ),
        lambda c: letters(c, 8, HEX) + letters(c, 12, HEX),
    ),
    Family(
        "address",
        False,
        100,
        "links.md",
        ("See [docs]({}).", "url: {}", "fetch('{}')"),
        _long_address,
    ),
    Family(
        "expression",
        False,
        140,
        "login.ts",
        (
            "const token = {};",
            "password = {}",
            "  apiKey: {},",
            "secret = {};",
            "this.accessToken = {};",
        ),
        among(
            "await getToken(req)",
            "config.get('apiKey')",
            "form.password.value",
            "req.headers.authorization",
            "crypto.randomBytes(32).toString('hex')",
            "generate_password(length=16)",
            "settings.SECRET_KEY",
            "useState('')",
            "props.token",
            "hashPassword(input.password)",
            "localStorage.getItem('token')",
            'request.form["password"]',
            "self._password",
            "await vault.read('kv/app')",
        ),
    ),
    Family(
        "template",
        False,
        110,
        "chart.yaml",
        ("password: {}", 'api_key: "{}"', "token: {}", "  client_secret: {}"),
        among(
            "{{ db_password }}",
            "${{ secrets.DEPLOY_TOKEN }}",
            "vault:secret/data/db#password",
            "!secret db_password",
            "{{ .Values.auth.password | quote }}",
            "$(DB_PASSWORD)",
            "%DB_PASSWORD%",
            "@Microsoft.KeyVault(SecretUri=https://a.vault.azure.net/secrets/b)",
            "op://vault/item/password",
            "ref+awssecrets://prod/db",
            "<%= ENV['TOKEN'] %>",
            "#{ENV.fetch('KEY')}",
            "{{resolve:ssm:/a/b:1}}",
            "arn:aws:secretsmanager:eu-west-1:123456789012:secret:db-AbCdEf",
        ),
    ),
    Family(
        "form",
        False,
        80,
        "login.html",
        (
            '<input type="password" name="{}" autocomplete="current-password">',
            '<label for="password">{}</label>',
            '<input id="token" placeholder="{}">',
        ),
        a_name,
    ),
    Family(
        "local address",
        False,
        80,
        "README.md",
        ("DATABASE_URL={}", "    url: {}", "`{}`"),
        among(
            "postgres://user:password@localhost:5432/db",
            "postgresql://postgres:postgres@127.0.0.1/app",
            "mysql://root:root@localhost/test",
            "redis://localhost:6379/0",
            "amqp://guest:guest@localhost",
            "https://user:pass@example.com/",
            "postgres://USER:PASSWORD@HOST:PORT/NAME",
            "postgres://${DB_USER}:${DB_PASS}@${DB_HOST}/app",
            "mongodb://localhost:27017",
        ),
    ),
    Family(
        "fixture",
        False,
        100,
        "tests/test_login.py",
        ('login("ana", password="{}")', "password = '{}'", '{{"token": "{}"}}', 'api_key="{}"'),
        among(
            "test",
            "password",
            "wrong-password",
            "secret",
            "test-token",
            "fake-key",
            "invalid",
            "s3cret",
            "abc123",
            "hunter2",
            "foo",
            "my-token",
            "test_password_123",
        ),
    ),
    Family(
        "constant",
        False,
        110,
        "constants.py",
        (
            'TOKEN_TYPE = "{}"',
            "PASSWORD_FIELD = '{}'",
            'SECRET_NAME = "{}"',
            'TOKEN_URL = "https://a.example/{}"',
            'API_KEY_HEADER = "x-{}"',
            "password_reset_path: /account/{}",
            'secret_file = "/run/secrets/{}"',
        ),
        a_name,
    ),
    Family("certificate", False, 15, "ca.crt", ("{}",), lambda c: pem(c, "CERTIFICATE", 700)),
    Family("picture path", False, 60, "icon.svg", ('<path d="{}"/>',), _path),
    Family("log", False, 80, "sample.log", ("2026-01-02T03:04:05Z INFO {}",), _log),
    Family(
        "image digest",
        False,
        70,
        "compose.yaml",
        ("image: ghcr.io/a/b@sha256:{}", "digest: sha256:{}"),
        lambda c: hexadecimal(c, 64),
    ),
    Family(
        "font and map",
        False,
        40,
        "theme.css",
        (
            "src: url(data:font/woff2;base64,{});",
            "//# sourceMappingURL=data:application/json;base64,{}",
        ),
        lambda c: in_base64(c, 600),
    ),
    Family(
        "nonce and cache key",
        False,
        60,
        "page.html",
        ('<script nonce="{}">', "cache-key: v1-{}", '<link integrity="sha384-{}">', 'etag: W/"{}"'),
        lambda c: in_base64(c, 24),
    ),
    Family(
        "short-lived id",
        False,
        50,
        "events.json",
        ('"cursor": "{}",', '"request_id": "{}"', '"slug": "{}"'),
        lambda c: letters(c, 22, URL_SAFE),
    ),
    Family(
        "prose",
        False,
        60,
        "guide.md",
        (
            "The password is {}, never in the file.",
            "Set token: {} before you start.",
            "secret: {} is what the team calls it",
        ),
        lambda c: words(c, 2),
    ),
    Family(
        "public client",
        False,
        30,
        "analytics.html",
        ("gtag('config', 'G-{}');", 'data-sitekey="{}"'),
        lambda c: letters(c, 10, BASE62[:36]),
    ),
    Family(
        "documented token",
        False,
        20,
        "jwt.md",
        ("Authorization: Bearer {}", "token: {}"),
        lambda c: (
            jwt(c, sub="1234567890", name="John Doe", iat=1516239022).rpartition(".")[0]
            + ".<signature>"
        ),
    ),
)
