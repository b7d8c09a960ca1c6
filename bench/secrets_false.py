"""Which lines only look as if they held a secret? The families that rules were tuned on."""

from collections.abc import Callable

from secrets_true import Family
from secrets_values import (
    BASE62,
    Chance,
    hexadecimal,
    in_base64,
    letters,
    pem,
    service_role,
    uuid,
    words,
)


def among(*told: str) -> Callable[[Chance], str]:
    """Return a maker that takes one of these."""
    return lambda chance: chance.choice(told)


def a_name(chance: Chance) -> str:
    """Return the name of something, of two words."""
    return words(chance, 2, "_")


def _minified(chance: Chance) -> str:
    parts = []
    for _ in range(40):
        a, b, c = (letters(chance, 1, BASE62[36:]) for _ in range(3))
        parts.append(
            f"function {a}({b},{c}){{return {b}.{words(chance, 1)}({c},{chance.randrange(999)})}}"
        )
        parts.append(f'{a}.password={b};{c}.token=null;{a}.key="{words(chance, 1)}";')
    return "".join(parts)


def _css(chance: Chance) -> str:
    rule = f".{words(chance, 1)}_{letters(chance, 5)}"
    picture = f"/i/{hexadecimal(chance, 20)}.svg"
    return f"{rule}{{color:#{hexadecimal(chance, 6)};background:url({picture})}}"


_EXAMPLE_ID = "AK" + "IAIOSFODNN7EXAMPLE"
_EXAMPLE_SECRET = "/".join(("wJalrXUtnFEMI", "K7MDENG", "bPxRfiCY" + "EXAMPLEKEY"))

TUNED = (
    Family(
        "uuid",
        True,
        120,
        "ids.json",
        ('"id": "{}",', "user_id: {}", "const tenant = '{}';", '"keyId": "{}"', "token_id = '{}'"),
        uuid,
    ),
    Family(
        "commit",
        True,
        120,
        "versions.yaml",
        ("commit: {}", "uses: actions/checkout@{}", 'revision = "{}"', "ref: {}"),
        lambda c: hexadecimal(c, 40),
    ),
    Family(
        "npm integrity",
        True,
        140,
        "package-lock.json",
        ('      "integrity": "sha512-{}",',),
        lambda c: in_base64(c, 64),
    ),
    Family(
        "image",
        True,
        70,
        "card.html",
        ('<img src="data:image/png;base64,{}">', "background: url(data:image/svg+xml;base64,{});"),
        lambda c: in_base64(c, c.randrange(200, 900)),
    ),
    Family(
        "placeholder",
        True,
        170,
        ".env.example",
        (
            "API_KEY={}",
            'SECRET_KEY="{}"',
            "DB_PASSWORD={}",
            "STRIPE_SECRET_KEY={}",
            "password: {}",
            'auth_token = "{}"',
        ),
        among(
            "<your-key>",
            "changeme",
            "your-api-key-here",
            "xxxxxxxxxxxxxxxx",
            "REPLACE_ME",
            "",
            "********",
            "sk_test_...",
            "<INSERT TOKEN HERE>",
            "example",
            "todo",
            "your_password",
            "dummy-secret",
            "placeholder",
            "[REDACTED]",
            "secret",
            "...",
            "null",
            "none",
        ),
    ),
    Family(
        "environment",
        True,
        170,
        "config.ts",
        (
            "apiKey: process.env.{},",
            "const secret = process.env.{} ?? '';",
            "password: Deno.env.get('{}')!,",
            'token = os.environ["{}"]',
            "SECRET_KEY = os.getenv('{}')",
            "password: ${{{}}}",
            "DB_PASSWORD=${{{}:-}}",
            "export TOKEN=$" + "{}",
        ),
        lambda c: a_name(c).upper(),
    ),
    Family("minified", True, 50, "app.min.js", ("{}",), _minified),
    Family(
        "documented example",
        True,
        40,
        "README.md",
        ("aws_access_key_id = {}", "AWS_ACCESS_KEY_ID={}"),
        among(_EXAMPLE_ID, f"{_EXAMPLE_ID}\naws_secret_access_key = {_EXAMPLE_SECRET}"),
    ),
    Family("style", True, 90, "site.css", ("{}",), _css),
    Family(
        "public key",
        True,
        50,
        "authorized_keys",
        ("ssh-ed25519 {} ana@example.org", "ssh-rsa {} deploy"),
        lambda c: "AAAAC3NzaC1lZDI1NTE5AAAA" + in_base64(c, 33),
    ),
    Family("public pem", True, 20, "jwt.pub", ("{}",), lambda c: pem(c, "PUBLIC KEY", 294)),
    Family(
        "types",
        True,
        110,
        "types.ts",
        (
            "password: {};",
            "  apiKey?: {},",
            "token: {} | null",
            "function login(password: {}) {{",
            "secret: z.{}(),",
        ),
        among(
            "string",
            "boolean",
            "SecretStr",
            "Promise",
            "PasswordOptions",
            "unknown",
            "CredentialsProvider",
        ),
    ),
    Family(
        "wording",
        True,
        110,
        "de.json",
        (
            '"password": "{}",',
            '"forgot_password": "{}",',
            '"token_expired": "{}",',
            '"api_key_label": "{}"',
        ),
        among(
            "Passwort vergessen?",
            "Bitte geben Sie Ihr Passwort ein",
            "Der Schlüssel ist abgelaufen",
            "Password",
            "Enter your API key",
            "Your token has expired.",
            "Neues Passwort",
            "Jeton expiré",
        ),
    ),
    Family(
        "anon role",
        True,
        30,
        "public.ts",
        ("const supabaseAnonKey = '{}'", 'NEXT_PUBLIC_SUPABASE_ANON_KEY="{}"'),
        lambda c: service_role(c, "anon"),
    ),
)
