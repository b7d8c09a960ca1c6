"""Which kinds of personal data are looked for, and by which words are columns named after them?

The words are English, German, French and Spanish, without accents and in small letters.
"""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from enum import StrEnum
from functools import lru_cache


class Kind(StrEnum):
    """A kind of personal data, in the words of a sentence."""

    EMAIL = "an e-mail address"
    PHONE = "a phone number"
    IP = "an IP address"
    NAME = "a person's name"
    BIRTH = "a date of birth"
    BANK = "a bank account or card"
    PLACE = "a location"
    ADDRESS = "a postal address"
    IDENTITY = "an official number of a person"
    SENSITIVE = "a trait that the GDPR protects more (Art. 9)"
    DEVICE = "a trace of a person's device"
    CREDENTIAL = "a person's password"
    SESSION = "an access token"
    DECLARED = "personal, as its comment says"


def one_by_one(words: str) -> frozenset[str]:
    """Return the words of a text."""
    return frozenset(words.split())


# Each line is one name of several words, or one word.
_PHRASES: Mapping[Kind, str] = {
    Kind.EMAIL: "email, emails, mail, e mail, e mails, correo, correo electronico, courriel",
    Kind.PHONE: "phone, phones, tel, telephone, mobile, cell, fax, handy, handynummer, rufnummer, "
    "movil, portable, whatsapp, msisdn",
    Kind.IP: "ip, ips, ip address, ip addr, ipaddress, ipaddr, ipv4, ipv6, remote addr, client ip, "
    "adresse ip, direccion ip",
    Kind.NAME: "first name, firstname, last name, lastname, full name, fullname, given name, "
    "family name, middle name, maiden name, display name, real name, surname, forename, "
    "user name, username, login, nickname, vorname, nachname, familienname, name des kunden, "
    "prenom, nom, nom de famille, apellido, apellidos, nombre, nombre completo",
    Kind.BIRTH: "birth, birthday, birthdate, birth date, date of birth, dob, born, born on, "
    "year of birth, birth year, geburtstag, geburtsdatum, naissance, date de naissance, "
    "nacimiento, fecha de nacimiento, cumpleanos, anniversaire, age",
    Kind.BANK: "iban, bic, account number, bank account, card number, credit card, pan, cvv, "
    "kontonummer, bankverbindung, kreditkarte, carte bancaire, rib, compte bancaire, "
    "cuenta bancaria, tarjeta, tarjeta de credito",
    Kind.PLACE: "lat, lng, lon, latitude, longitude, geolocation, geo location, gps, coordinates, "
    "koordinaten, standort, breitengrad, laengengrad, coordonnees, ubicacion, coordenadas",
    Kind.ADDRESS: "address, addresses, street, street address, home address, postal code, "
    "postcode, zip, zipcode, zip code, adresse, anschrift, strasse, plz, postleitzahl, wohnort, "
    "rue, code postal, direccion, calle, codigo postal, domicilio",
    Kind.IDENTITY: "ssn, social security number, national id, passport, passport number, tax id, "
    "drivers license, driver license, sozialversicherungsnummer, ausweisnummer, personalausweis, "
    "steuernummer, steuer id, reisepass, passeport, numero de securite sociale, nir, dni, nie, "
    "nif, pasaporte, curp",
    Kind.SENSITIVE: "health, diagnosis, disease, religion, ethnicity, race, political opinion, "
    "sexual orientation, gender, sex, disability, biometric, fingerprint, gesundheit, diagnose, "
    "krankheit, konfession, geschlecht, behinderung, sante, maladie, ethnie, sexe, salud, "
    "enfermedad, religion, etnia, sexo, discapacidad",
    Kind.DEVICE: "user agent, useragent, device id, mac address, advertising id, idfa, imei, "
    "device fingerprint, browser fingerprint",
    Kind.CREDENTIAL: "password, passwd, password hash, passwort, kennwort, mot de passe, "
    "contrasena, encrypted password",
}
# Parts of longer words: `kundentelefonnummer`, `contactemail`.
_STEMS: Mapping[str, Kind] = {
    "email": Kind.EMAIL,
    "telefon": Kind.PHONE,
    "telephone": Kind.PHONE,
    "phonenumber": Kind.PHONE,
    "ipaddress": Kind.IP,
    "vorname": Kind.NAME,
    "nachname": Kind.NAME,
    "firstname": Kind.NAME,
    "lastname": Kind.NAME,
    "geburt": Kind.BIRTH,
    "birthda": Kind.BIRTH,
    "kontonummer": Kind.BANK,
    "anschrift": Kind.ADDRESS,
    "passwor": Kind.CREDENTIAL,
}
_PEOPLE = one_by_one(
    "user users person persons people customer customers client clients member members profile "
    "profiles contact contacts employee employees patient patients student students subscriber "
    "subscribers author authors recipient recipients guest guests kunde kunden benutzer nutzer "
    "mitarbeiter mitglied mitglieder personen patienten utilisateur utilisateurs personne "
    "personnes employe employes membre membres cliente clientes usuario usuarios persona personas "
    "empleado empleados owner reporter sender kontakt kontakte"
)
# Words that say that the column is about the data, not the data: `email_count`, `phone_verified`.
_ABOUT = one_by_one("count counts enabled verified confirmed sent template templates at")
# Words that may follow: `phone_number`, `email_normalised`. After another, `health` means a check.
_AFTER = one_by_one(
    "number numbers no nr nummer numero address addresses adresse hash value text raw encrypted "
    "normalised normalized line lines primary secondary work home private json data"
)
_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+")
_BY_WORDS = {
    tuple(phrase.split()): kind
    for kind, phrases in _PHRASES.items()
    for phrase in phrases.split(", ")
}
_LONGEST = max(len(words) for words in _BY_WORDS)


def words(name: str) -> tuple[str, ...]:
    """Split `contactEMail`, `contact_e-mail` or `Contact e mail` into small words."""
    apart = unicodedata.normalize("NFKD", name.replace("ß", "ss"))
    plain = "".join(sign for sign in apart if not unicodedata.combining(sign))
    return tuple(word.lower() for word in _WORD.findall(plain))


@lru_cache(maxsize=4096)
def by_name(name: str, table: str = "") -> tuple[tuple[Kind, str], ...]:
    """Return what a column's name, or a key's, is after, each with the word that says so.

    `table` helps with `name`, which is a person's only in a table of people. The words are those
    of this file, never parts of the name that could be data.
    """
    told = words(name)
    if told and told[-1] in _ABOUT:
        return ()
    found: dict[Kind, str] = {}
    for length in range(_LONGEST, 0, -1):
        for start in range(len(told) - length + 1):
            said, after = told[start : start + length], told[start + length :]
            kind = _BY_WORDS.get(said)
            if kind and (length > 1 or all(w in _AFTER or w.isdigit() for w in after)):
                found.setdefault(kind, " ".join(said))
    for stem, kind in _STEMS.items():
        if any(stem in word for word in told):
            found.setdefault(kind, stem)
    if Kind.EMAIL in found or Kind.IP in found:
        found.pop(Kind.ADDRESS, None)
    if _is_name_of_a_person(told, words(table)):
        found.setdefault(Kind.NAME, "name")
    return tuple(sorted(found.items()))


def _is_name_of_a_person(told: Sequence[str], table: Sequence[str]) -> bool:
    if "name" not in told:
        return False
    alone = len(told) == 1
    return bool(_PEOPLE & set(told)) or (alone and bool(_PEOPLE & set(table)))
