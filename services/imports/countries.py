"""The countries that files name, as their codes: by code, or by a name.

Names are those of English, with common other ones; of large countries of Europe and
America, also those of German, French and Spanish. Accents, case and punctuation do not
count.
"""

import re
from functools import cache
from unicodedata import combining, normalize

from services.kinds.codes import COUNTRIES

# Alpha-2 and alpha-3 code of ISO 3166-1, and names with `|` between.
_NAMED = """
AD AND Andorra; AE ARE United Arab Emirates|UAE|Emirates; AF AFG Afghanistan;
AG ATG Antigua and Barbuda; AI AIA Anguilla; AL ALB Albania; AM ARM Armenia;
AO AGO Angola; AQ ATA Antarctica; AR ARG Argentina; AS ASM American Samoa;
AT AUT Austria|Österreich|Autriche; AU AUS Australia; AW ABW Aruba;
AX ALA Åland Islands|Åland; AZ AZE Azerbaijan; BA BIH Bosnia and Herzegovina|Bosnia;
BB BRB Barbados; BD BGD Bangladesh; BE BEL Belgium|België|Belgique|Belgien|Bélgica;
BF BFA Burkina Faso; BG BGR Bulgaria; BH BHR Bahrain; BI BDI Burundi; BJ BEN Benin;
BL BLM Saint Barthélemy|St Barthélemy; BM BMU Bermuda; BN BRN Brunei|Brunei Darussalam;
BO BOL Bolivia|Plurinational State of Bolivia; BQ BES Caribbean Netherlands|Bonaire;
BR BRA Brazil|Brasil; BS BHS Bahamas|The Bahamas; BT BTN Bhutan; BV BVT Bouvet Island;
BW BWA Botswana; BY BLR Belarus; BZ BLZ Belize; CA CAN Canada;
CC CCK Cocos Islands|Cocos Keeling Islands;
CD COD Democratic Republic of the Congo|DR Congo|Congo Kinshasa;
CF CAF Central African Republic; CG COG Republic of the Congo|Congo Brazzaville;
CH CHE Switzerland|Schweiz|Suisse|Svizzera|Suiza; CI CIV Côte d'Ivoire|Ivory Coast;
CK COK Cook Islands; CL CHL Chile; CM CMR Cameroon;
CN CHN China|People's Republic of China|PRC; CO COL Colombia; CR CRI Costa Rica;
CU CUB Cuba; CV CPV Cabo Verde|Cape Verde; CW CUW Curaçao; CX CXR Christmas Island;
CY CYP Cyprus; CZ CZE Czechia|Czech Republic|Česko|Tschechien;
DE DEU Germany|Deutschland|Allemagne|Alemania; DJ DJI Djibouti;
DK DNK Denmark|Danmark|Dänemark; DM DMA Dominica; DO DOM Dominican Republic;
DZ DZA Algeria; EC ECU Ecuador; EE EST Estonia|Eesti; EG EGY Egypt;
EH ESH Western Sahara; ER ERI Eritrea; ES ESP Spain|España|Spanien|Espagne;
ET ETH Ethiopia; FI FIN Finland|Suomi; FJ FJI Fiji; FK FLK Falkland Islands|Falklands;
FM FSM Micronesia|Federated States of Micronesia; FO FRO Faroe Islands|Faroes;
FR FRA France|Frankreich|Francia; GA GAB Gabon;
GB GBR United Kingdom|UK|Great Britain|Britain|England|Scotland|Wales|Northern Ireland
|United Kingdom of Great Britain and Northern Ireland|Großbritannien|Royaume-Uni
|Reino Unido;
GD GRD Grenada; GE GEO Georgia; GF GUF French Guiana; GG GGY Guernsey; GH GHA Ghana;
GI GIB Gibraltar; GL GRL Greenland; GM GMB Gambia|The Gambia; GN GIN Guinea;
GP GLP Guadeloupe; GQ GNQ Equatorial Guinea; GR GRC Greece|Hellas;
GS SGS South Georgia and the South Sandwich Islands; GT GTM Guatemala; GU GUM Guam;
GW GNB Guinea-Bissau; GY GUY Guyana; HK HKG Hong Kong|Hong Kong SAR;
HM HMD Heard Island and McDonald Islands; HN HND Honduras; HR HRV Croatia|Hrvatska;
HT HTI Haiti; HU HUN Hungary|Magyarország; ID IDN Indonesia; IE IRL Ireland|Éire;
IL ISR Israel; IM IMN Isle of Man; IN IND India; IO IOT British Indian Ocean Territory;
IQ IRQ Iraq; IR IRN Iran|Islamic Republic of Iran; IS ISL Iceland;
IT ITA Italy|Italia|Italien|Italie; JE JEY Jersey; JM JAM Jamaica; JO JOR Jordan;
JP JPN Japan; KE KEN Kenya; KG KGZ Kyrgyzstan; KH KHM Cambodia; KI KIR Kiribati;
KM COM Comoros; KN KNA Saint Kitts and Nevis|St Kitts and Nevis;
KP PRK North Korea|Democratic People's Republic of Korea;
KR KOR South Korea|Korea|Republic of Korea; KW KWT Kuwait; KY CYM Cayman Islands;
KZ KAZ Kazakhstan; LA LAO Laos|Lao People's Democratic Republic; LB LBN Lebanon;
LC LCA Saint Lucia|St Lucia; LI LIE Liechtenstein; LK LKA Sri Lanka; LR LBR Liberia;
LS LSO Lesotho; LT LTU Lithuania|Lietuva; LU LUX Luxembourg|Luxemburg|Luxemburgo;
LV LVA Latvia; LY LBY Libya; MA MAR Morocco; MC MCO Monaco;
MD MDA Moldova|Republic of Moldova; ME MNE Montenegro; MF MAF Saint Martin|St Martin;
MG MDG Madagascar; MH MHL Marshall Islands; MK MKD North Macedonia|Macedonia;
ML MLI Mali; MM MMR Myanmar|Burma; MN MNG Mongolia; MO MAC Macao|Macau;
MP MNP Northern Mariana Islands; MQ MTQ Martinique; MR MRT Mauritania;
MS MSR Montserrat; MT MLT Malta; MU MUS Mauritius; MV MDV Maldives; MW MWI Malawi;
MX MEX Mexico|México|Mexiko|Mexique; MY MYS Malaysia; MZ MOZ Mozambique; NA NAM Namibia;
NC NCL New Caledonia; NE NER Niger; NF NFK Norfolk Island; NG NGA Nigeria;
NI NIC Nicaragua;
NL NLD Netherlands|The Netherlands|Holland|Nederland|Niederlande|Pays-Bas|Países Bajos;
NO NOR Norway|Norge; NP NPL Nepal; NR NRU Nauru; NU NIU Niue; NZ NZL New Zealand;
OM OMN Oman; PA PAN Panama; PE PER Peru; PF PYF French Polynesia;
PG PNG Papua New Guinea; PH PHL Philippines|The Philippines; PK PAK Pakistan;
PL POL Poland|Polska|Polen|Pologne|Polonia; PM SPM Saint Pierre and Miquelon;
PN PCN Pitcairn; PR PRI Puerto Rico; PS PSE Palestine|State of Palestine;
PT PRT Portugal; PW PLW Palau; PY PRY Paraguay; QA QAT Qatar; RE REU Réunion;
RO ROU Romania|România; RS SRB Serbia|Srbija; RU RUS Russia|Russian Federation;
RW RWA Rwanda; SA SAU Saudi Arabia; SB SLB Solomon Islands; SC SYC Seychelles;
SD SDN Sudan; SE SWE Sweden|Sverige|Schweden; SG SGP Singapore;
SH SHN Saint Helena|St Helena; SI SVN Slovenia|Slovenija; SJ SJM Svalbard and Jan Mayen;
SK SVK Slovakia|Slovensko; SL SLE Sierra Leone; SM SMR San Marino; SN SEN Senegal;
SO SOM Somalia; SR SUR Suriname; SS SSD South Sudan; ST STP Sao Tome and Principe;
SV SLV El Salvador; SX SXM Sint Maarten; SY SYR Syria|Syrian Arab Republic;
SZ SWZ Eswatini|Swaziland; TC TCA Turks and Caicos Islands; TD TCD Chad;
TF ATF French Southern Territories; TG TGO Togo; TH THA Thailand; TJ TJK Tajikistan;
TK TKL Tokelau; TL TLS Timor-Leste|East Timor; TM TKM Turkmenistan; TN TUN Tunisia;
TO TON Tonga; TR TUR Türkiye|Turkey; TT TTO Trinidad and Tobago; TV TUV Tuvalu;
TW TWN Taiwan; TZ TZA Tanzania|United Republic of Tanzania; UA UKR Ukraine;
UG UGA Uganda; UM UMI United States Minor Outlying Islands;
US USA United States|United States of America|America|U.S.|U.S.A.
|Vereinigte Staaten|États-Unis|Estados Unidos;
UY URY Uruguay; UZ UZB Uzbekistan; VA VAT Vatican City|Holy See|Vatican;
VC VCT Saint Vincent and the Grenadines; VE VEN Venezuela;
VG VGB British Virgin Islands; VI VIR United States Virgin Islands|US Virgin Islands;
VN VNM Vietnam|Viet Nam; VU VUT Vanuatu; WF WLF Wallis and Futuna; WS WSM Samoa;
YE YEM Yemen; YT MYT Mayotte; ZA ZAF South Africa; ZM ZMB Zambia; ZW ZWE Zimbabwe
"""
_LONGEST = 100
_MARKS = re.compile(r"[^0-9a-z]+")


def country_code(cell: str) -> str:
    """The code of the country that a cell names; the cell itself if it names none."""
    text = cell.strip()
    if len(text) > _LONGEST:
        return cell
    if text.upper() in COUNTRIES:
        return text.upper()
    return _codes().get(_plain(text), cell)


@cache
def _codes() -> dict[str, str]:
    """Codes by names and by codes of three letters."""
    found: dict[str, str] = {}
    for each in _NAMED.split(";"):
        code, longer, names = each.split(maxsplit=2)
        for name in (longer, *names.split("|")):
            found[_plain(name)] = code
    return found


def _plain(name: str) -> str:
    """A name as names are compared."""
    parts = normalize("NFD", name.replace("&", " and ").lower())
    return _MARKS.sub("", "".join(each for each in parts if not combining(each)))
