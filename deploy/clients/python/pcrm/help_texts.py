"""The texts of the help."""

BEGINNING = """\
The ProspectConnect API from a shell.

\b
  pcrm login
  pcrm contacts search --filter "city = Berlin and lead_score >= 50"
  pcrm contacts create --email ada@engine.example --set custom_fields.seats=3
  pcrm listen --forward-to http://localhost:3000/hook

Each resource has a command for each of its operations; `--help` works everywhere.
"""

ENDING = """\
\b
PCRM_URL, PCRM_TOKEN   the address and a token, instead of a login
NO_COLOR               no colours
Exit codes             0 done, 1 a problem of the API, 2 wrong use,
                       3 not logged in, 4 not reached
"""

_FILTERS = """\
Filters

  city = Berlin                        text, without regard to case
  city = "New York"                    quote several words, or with '
  lead_score >= 50                     = != < <= > >=
  name ~ lovelace                      contains;  !~ does not
  email ^= ada                         starts with;  $= ends with
  lifecycle_stage in (lead, customer)  one of them;  not in (...)
  created_at between 2026-01-01 and 2026-06-30
  phone is empty                       is not empty
  tags = VIP                           has the tag;  tags in (A, B) has one of them
  custom_fields.seats > 3              a number;  "3" in quotes is a text
  company_id = cmp_...                 ids

  Join them with and, or, not and parentheses; `and` binds closer than `or`.
  --filter may be given several times: all must hold.

  pcrm contacts search --filter 'city = Berlin and not (tags = VIP or lead_score < 50)'
"""
_VALUES = """\
Values

  --email ada@engine.example         the option of a field
  --tags VIP --tags New              a list, by several options
  --set custom_fields.seats=3        a value inside; 3 is a number
  --set custom_fields.plan:='"3"'    JSON, for all other cases
  --set phone=null                   clears a field
  --json '{"email": "..."}'          a whole body;  --json @file;  --json - reads it

  Options win over --set, and --set wins over --json.
"""
_OUTPUT = """\
Output

  In a terminal a command prints a table, in a pipe JSON: a list for a search, an
  object for a record. --format table|json|jsonl|csv decides otherwise, and
  --columns id,name,custom_fields.seats what a table or CSV shows. Numbers keep all
  their digits. Messages for people go to standard error.

  pcrm contacts search --all --format csv --columns email,city > contacts.csv
  pcrm deals search --filter 'status = open' | jq '.[].value'
"""
_EXITS = """\
Exit codes

  0  done
  1  a problem of the API: it refused, or something failed there
  2  wrong use: an option, a value, a filter or a file
  3  not logged in, or the token is not valid
  4  the API was not reached; it is unknown whether the call was executed
"""

TOPICS = {
    "filters": _FILTERS,
    "values": _VALUES,
    "output": _OUTPUT,
    "exit-codes": _EXITS,
}
