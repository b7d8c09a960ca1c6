"""By which names, types, comments and values is a column thought to be personal?"""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fairlead.privacy import shape
from fairlead.privacy.inventory import Column, suspicions
from fairlead.privacy.kind import Kind, by_name
from fairlead.privacy.shape import Sample, is_iban, kinds_of, sample
from privacy.a_database import table

NAMED = {
    "contact_email": Kind.EMAIL,
    "contactEMail": Kind.EMAIL,
    "E-Mail-Adresse": Kind.EMAIL,
    "correo_electronico": Kind.EMAIL,
    "courriel": Kind.EMAIL,
    "phoneNumber": Kind.PHONE,
    "kundentelefonnummer": Kind.PHONE,
    "téléphone": Kind.PHONE,
    "last_login_ip": Kind.IP,
    "first_name": Kind.NAME,
    "Nachname": Kind.NAME,
    "prénom": Kind.NAME,
    "apellidos": Kind.NAME,
    "owner_name": Kind.NAME,
    "date_of_birth": Kind.BIRTH,
    "geburtsdatum": Kind.BIRTH,
    "date_de_naissance": Kind.BIRTH,
    "fecha_nacimiento": Kind.BIRTH,
    "iban": Kind.BANK,
    "latitude": Kind.PLACE,
    "Straße": Kind.ADDRESS,
    "codigo_postal": Kind.ADDRESS,
    "passport_number": Kind.IDENTITY,
    "user_agent": Kind.DEVICE,
    "password_hash": Kind.CREDENTIAL,
}
OTHERS = (
    "id", "name", "created_at", "title", "email_count", "email_verified", "race_condition",
    "health_check", "mobile_layout", "zip_file", "description", "shipment", "", "a.b",
)  # fmt: skip
VALUES = {
    "ana.maria+x@mail.example.org": Kind.EMAIL,
    "write to ana@example.org, please": Kind.EMAIL,
    "https://example.org/?to=ana%40example.org": Kind.EMAIL,
    "+49 (0)30 1234567": Kind.PHONE,
    "030/1234 5678": Kind.PHONE,
    "81.2.69.142": Kind.IP,
    "2001:db8::1": Kind.IP,
    "Maria Garcia-López": Kind.NAME,
    "1974-05-23": Kind.BIRTH,
    "DE89 3704 0044 0532 0130 00": Kind.BANK,
    "GB29NWBK60161331926819": Kind.BANK,
    "52.5200, 13.4050": Kind.PLACE,
}
PLAIN = (
    "", "hello", "42", "2026-11-23", "1.2", "123456789012", "Blue Chair", "a@b", "icon@2x",
    "DE00 3704 0044 0532 0130 00", "6ba7b810-9dad-11d1-80b4-00c04fd430c8", "Rose Garden Ltd",
)  # fmt: skip


@pytest.mark.parametrize(("name", "kind"), NAMED.items())
def test_a_name_is_understood_in_four_languages(name: str, kind: Kind) -> None:
    assert kind in dict(by_name(name))


@pytest.mark.parametrize("name", OTHERS)
def test_a_name_of_something_else_says_nothing(name: str) -> None:
    assert by_name(name) == ()


def test_a_name_is_a_persons_in_a_table_of_people() -> None:
    assert dict(by_name("name", "Kunden")) == {Kind.NAME: "name"}
    assert by_name("name", "products") == ()


@pytest.mark.parametrize(("value", "kind"), VALUES.items())
def test_a_value_shows_its_kind(value: str, kind: Kind) -> None:
    assert kind in kinds_of(value)


@pytest.mark.parametrize("value", PLAIN)
def test_a_plain_value_shows_nothing(value: str) -> None:
    assert kinds_of(value) == set()


def test_an_iban_with_a_wrong_digit_is_none() -> None:
    assert is_iban("FR1420041010050500013M02606")
    assert not is_iban("FR1420041010050500013M02607")


def test_a_type_a_comment_and_a_key_are_reasons_too() -> None:
    assert suspicions(table(), Column("a", "inet"))[0].reason == "its type is inet"
    assert suspicions(table(), Column("a", "public.email_text"))[0].kind is Kind.EMAIL
    for comment in ("personal: who", "Personal data of", "PII", "Données personnelles"):
        (found,) = suspicions(table(), Column("a", "text", comment))
        assert found.kind is Kind.DECLARED
    for comment in ("not personal: a program's", "personalised page", "impersonal"):
        assert suspicions(table(), Column("a", "text", comment)) == ()
    keys = sample(['{"a": 1, "homePhone": 2', '{"b": {"e-mail": null}}'], is_json=True)
    kinds = [one.kind for one in suspicions(table(), Column("a", "jsonb", sample=keys))]
    assert kinds == [Kind.PHONE, Kind.EMAIL]


def test_a_type_that_cannot_hold_it_is_no_reason() -> None:
    assert suspicions(table(), Column("wants_email", "boolean")) == ()
    assert suspicions(table(), Column("email", "timestamp(3) with time zone")) == ()
    assert suspicions(table(), Column("email", "integer")) == ()
    assert suspicions(table(), Column("date_of_birth", "date"))
    assert suspicions(table(), Column("lat", "numeric(9,6)"))
    assert suspicions(table(), Column("emails", "character varying(80)[]"))


def test_few_values_of_a_strong_shape_are_enough_and_of_a_weak_one_are_not() -> None:
    assert sample(["x"] * 19 + ["a@example.org"]).kinds == (Kind.EMAIL,)
    assert sample(["x"] * 9 + ["81.2.69.142"]).kinds == ()
    assert sample(["1974-05-23"] * 4).kinds == ()
    assert sample(["1974-05-23"] * 5).kinds == (Kind.BIRTH,)
    assert sample([]) == Sample(0)
    assert sample([]).kinds == ()


@given(st.lists(st.text(max_size=40)), st.text(min_size=12, max_size=30))
def test_nothing_of_a_value_is_kept_in_a_sample(values: list[str], secret: str) -> None:
    every = [*values, secret, f'{{"{secret}": "{secret}"}}', f"{secret}@example.org"]
    assert secret not in repr(sample(every, is_json=True)).replace("\\", "")


@given(st.text(max_size=3000))
def test_any_text_is_looked_at_without_trouble(text: str) -> None:
    assert kinds_of(text[: shape.LONGEST]) <= {*Kind}
    by_name(text)
