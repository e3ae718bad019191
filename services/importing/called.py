"""The one table of what other products, and other languages, call our fields.

Each name is in the form in which names are compared: see `plain` of `names.py`. A name
that is usual for two fields, as `Estado`, stands at none of them.
"""

from collections.abc import Mapping, Sequence

# First in English and by other products, then in German, French and Spanish.
CALLED: Mapping[str, Sequence[str]] = {
    "email": (
        *("e_mail", "email_address", "mail", "e_mail_address"),
        *("e_mail_adresse", "emailadresse", "mailadresse", "mail_adresse"),
        *("courriel", "adresse_e_mail", "adresse_email", "adresse_mail"),
        *("adresse_electronique", "correo", "correo_electronico"),
        *("direccion_de_correo", "direccion_de_correo_electronico"),
    ),
    "phone": (
        *("phone_number", "telephone", "tel", "mobile", "mobile_phone_number"),
        *("telefon", "telefonnummer", "rufnummer", "mobil", "handy"),
        *("mobiltelefon", "handynummer", "numero_de_telephone", "portable"),
        *("telefono", "numero_de_telefono", "movil", "celular"),
    ),
    "first_name": (
        *("firstname", "given_name", "vorname", "rufname"),
        *("prenom", "nombre", "nombre_de_pila", "primer_nombre"),
    ),
    "last_name": (
        *("lastname", "surname", "family_name", "nachname", "familienname"),
        *("nom", "nom_de_famille", "apellido", "apellidos", "primer_apellido"),
    ),
    "job_title": (
        *("jobtitle", "title", "position", "berufsbezeichnung", "jobtitel"),
        *("fonction", "poste", "intitule_du_poste", "cargo", "puesto"),
    ),
    "address1": (
        *("address", "street", "street_address"),
        *("strasse", "str", "strasse_hausnummer", "strasse_und_hausnummer"),
        *("strasse_nr", "anschrift", "adresse", "rue", "adresse_postale"),
        *("direccion", "calle", "domicilio"),
    ),
    "postal_code": (
        *("zip", "zip_code", "postcode", "postal", "postalcode", "zip_postal_code"),
        *("plz", "postleitzahl", "code_postal", "codigo_postal"),
    ),
    "city": (
        *("town", "ort", "stadt", "wohnort", "ortschaft"),
        *("ville", "commune", "ciudad", "localidad", "poblacion", "municipio"),
    ),
    "state": (
        *("state_region", "region", "province", "state_province"),
        *("bundesland", "kanton", "provincia", "comunidad_autonoma"),
    ),
    "country": ("country_region", "country_code", "land", "staat", "pays", "pais"),
    "time_zone": ("timezone", "zeitzone", "fuseau_horaire", "zona_horaria"),
    "domain": ("company_domain_name", "website_domain", "domaine", "dominio"),
    "website": (
        *("website_url", "web_site", "homepage", "webseite", "internetseite"),
        *("site_web", "site_internet", "sitio_web", "pagina_web"),
    ),
    "industry": ("branche", "secteur", "secteur_d_activite", "sector", "industria"),
    "description": ("beschreibung", "descriptif", "descripcion"),
    "name": (
        *("company_name", "account_name", "company", "organization_name"),
        *("deal_name", "opportunity_name"),
        *("firma", "firmenname", "unternehmen", "unternehmensname"),
        *("nom", "societe", "entreprise", "raison_sociale", "nom_de_l_entreprise"),
        *("nombre", "empresa", "razon_social", "nombre_de_la_empresa"),
    ),
    "value": (
        *("amount", "deal_value", "close_value", "betrag", "auftragswert"),
        *("montant", "importe", "monto"),
    ),
    "currency": (
        *("currency_code", "currency_iso_code", "deal_currency_code"),
        *("wahrung", "waehrung", "devise", "moneda", "divisa"),
    ),
    "expected_close_date": (
        *("close_date", "closedate", "expected_close", "abschlussdatum"),
        *("date_de_cloture", "fecha_de_cierre"),
    ),
    "lost_reason": (
        *("closed_lost_reason", "loss_reason", "verlustgrund"),
        *("motif_de_perte", "motivo_de_perdida"),
    ),
    "employee_count": (
        *("number_of_employees", "numberofemployees", "employees"),
        *("mitarbeiter", "mitarbeiterzahl", "anzahl_mitarbeiter"),
        *("effectif", "nombre_d_employes", "empleados", "numero_de_empleados"),
    ),
    "annual_revenue": (
        *("annualrevenue", "revenue", "umsatz", "jahresumsatz"),
        *("chiffre_d_affaires", "facturacion", "ingresos_anuales"),
    ),
    "lifecycle_stage": ("lifecyclestage",),
    "tags": ("schlagworte", "schlagworter", "etiquettes", "etiquetas"),
}

# The moments of records.
PAST_CALLED: Mapping[str, Sequence[str]] = {
    "created_at": (
        *("create_date", "createdate", "created_date", "createddate", "created_on"),
        *("created", "date_created", "add_time", "deal_created", "person_created"),
        *("organization_created", "erstellt_am", "erstellungsdatum", "angelegt_am"),
        *("date_de_creation", "cree_le", "fecha_de_creacion", "creado_el"),
    ),
    "closed_at": (
        *("closed_date", "closed_on", "won_time", "lost_time", "deal_closed_on"),
    ),
    "completed_at": ("completed_date", "completed_on", "marked_as_done_time"),
}
# What names the company of a person or of a deal, and the name of a company itself.
OF_COMPANIES = frozenset(
    (
        *("company_name", "account_name", "company", "associated_company"),
        *("organization", "organization_name", "primary_company"),
        *("associated_company_primary", "primary_associated_company"),
        *("firma", "firmenname", "unternehmen", "unternehmensname"),
        *("societe", "entreprise", "raison_sociale", "nom_de_l_entreprise"),
        *("empresa", "razon_social", "nombre_de_la_empresa"),
    )
)
# A column of a whole name gives both.
WHOLE_NAMES = (
    *("name", "full_name", "contact_name"),
    *("vollstandiger_name", "vor_und_nachname", "kontaktname", "ansprechpartner"),
    *("nom_complet", "prenom_et_nom", "nom_et_prenom", "nom_du_contact"),
    *("nombre_completo", "nombre_y_apellidos", "nombre_del_contacto"),
)
