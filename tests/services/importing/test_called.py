"""Columns are known by what people call them, in the languages that we know."""

from collections.abc import Mapping

import pytest

from services.every_kind import KINDS
from services.importing.called import CALLED, PAST_CALLED, WHOLE_NAMES
from services.importing.columns import chosen
from services.importing.names import plain
from services.imports.countries import country_code
from services.imports.paths import Fields
from services.kinds.descriptors import record_types
from services.kinds.own_fields import OwnFields

TYPES = record_types(KINDS)
PERSON = {
    "first_name": "first_name",
    "last_name": "last_name",
    "email": "email",
    "phone": "phone",
    "company": "company.name",
    "street": "address1",
    "postal": "postal_code",
    "city": "city",
    "country": "country",
}
# What a file calls these, in the order of `PERSON`.
HEADERS = {
    "English": "First Name,Last Name,E-mail,Phone,Company,Street,Zip,Town,Country",
    "German": "Vorname,Nachname,E-Mail,Telefon,Firma,Straße,PLZ,Ort,Land",
    "Swiss": "VORNAME,NACHNAME,e-mail,Telefon,Firma,Strasse,Plz,ORT,land",
    "formal German": "Vorname,Familienname,E-Mail-Adresse,Telefonnummer,Unternehmen,"
    "Straße und Hausnummer,Postleitzahl,Stadt,Land",
    "French": "Prénom,Nom,Courriel,Téléphone,Société,Adresse,Code postal,Ville,Pays",
    "French without accents": "Prenom,Nom de famille,Adresse e-mail,Telephone,"
    "Entreprise,Rue,code_postal,VILLE,pays",
    "Spanish": "Nombre,Apellidos,Correo electrónico,Teléfono,Empresa,Dirección,"
    "Código postal,Ciudad,País",
}


def mapping(
    resource: str, names: list[str], labels: Mapping[str, str] | None = None
) -> Mapping[str, str | list[str]]:
    fields = Fields(TYPES, TYPES[resource], OwnFields(0))
    return chosen(fields, names, None, labels or {})


@pytest.mark.parametrize("language", HEADERS)
def test_the_columns_of_a_file_of_people_are_known(language: str) -> None:
    names = HEADERS[language].split(",")
    assert mapping("contact", names) == dict(zip(names, PERSON.values(), strict=True))


@pytest.mark.parametrize("name", ["Firma", "Société", "Raison sociale", "Nombre"])
def test_a_company_is_named_by_what_names_the_company_of_a_person(name: str) -> None:
    assert mapping("company", [name]) == {name: "name"}


@pytest.mark.parametrize(
    "name", ["Name", "Ansprechpartner", "Nom complet", "Nombre completo"]
)
def test_whole_names_give_both_parts(name: str) -> None:
    assert mapping("contact", [name]) == {name: ["first_name", "last_name"]}


def test_labels_of_a_tenant_are_told_apart_in_any_script() -> None:
    labels = {"年齢": "custom_fields.age", "!": "custom_fields.odd"}
    given = mapping("contact", ["名前", "年齢", "?", "Größe"], labels)
    assert given == {"年齢": "custom_fields.age"}


def test_a_label_of_the_tenant_comes_before_the_table() -> None:
    labels = {"Ort": "custom_fields.place"}
    assert mapping("contact", ["ort"], labels) == {"ort": "custom_fields.place"}


def test_each_name_stands_in_the_form_in_which_names_are_compared() -> None:
    every = [
        n for table in (CALLED, PAST_CALLED) for some in table.values() for n in some
    ]
    assert [each for each in (*every, *WHOLE_NAMES) if plain(each) != each] == []
    for resource in ("contact", "company", "deal"):
        known = TYPES[resource].by_name
        of_kind = [n for field in CALLED if field in known for n in set(CALLED[field])]
        if resource == "contact":  # its name is made of two parts
            of_kind = [
                n for f in CALLED if f in known and f != "name" for n in CALLED[f]
            ]
        twice = {each for each in of_kind if of_kind.count(each) > 1}
        assert twice == set(), resource


@pytest.mark.parametrize(
    ("name", "code"),
    [
        *(("Deutschland", "DE"), ("Allemagne", "DE"), ("Großbritannien", "GB")),
        *(("États-Unis", "US"), ("Espagne", "ES"), ("Frankreich", "FR")),
    ],
)
def test_countries_are_known_by_the_same_languages(name: str, code: str) -> None:
    assert country_code(name) == code
