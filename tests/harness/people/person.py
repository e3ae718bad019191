"""A person with a browser without scripts: it has only cookies, links and forms.

It follows redirects within the server. A redirect to another server is returned as the
result, and not requested.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import parse_qsl, urlencode, urlsplit

from tests.client import Answer, Client
from tests.harness.people.oauth import PASSWORD

_FORM = "application/x-www-form-urlencoded"
_MOST_REDIRECTS = 5


@dataclass(slots=True)
class Form:
    """A form of a page: its target, its hidden fields and its buttons."""

    action: str
    fields: dict[str, str] = field(default_factory=dict)
    buttons: set[tuple[str, str]] = field(default_factory=set)


@dataclass(frozen=True, slots=True)
class Page:
    """The page that the person sees: the answer of the server, and its path."""

    path: str
    answer: Answer

    @property
    def text(self) -> str:
        return self.answer.body.decode()

    @property
    def forms(self) -> list[Form]:
        parser = _Forms()
        parser.feed(self.text)
        return parser.found


@dataclass(frozen=True, slots=True)
class Sent:
    """A redirect to another server, and the parameters in its address."""

    location: str

    @property
    def told(self) -> dict[str, str]:
        pairs = parse_qsl(urlsplit(self.location).query, keep_blank_values=True)
        assert len(dict(pairs)) == len(pairs), "a parameter is there twice"
        return dict(pairs)


# What would be done if another form were sent.
_PREVIEWS = ("/account/duplicates/merge",)


class _Forms(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[Form] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            # A form that only reads may use GET.
            reads = given.get("role") == "search" or given["action"] in _PREVIEWS
            assert given["method"] == "post" or reads
            self.found.append(Form(given["action"]))
        elif tag == "input" and "name" in given:
            if given.get("type") in ("checkbox", "radio") and "checked" not in given:
                return
            self.found[-1].fields[given["name"]] = given.get("value", "")
        elif tag == "button" and "name" in given:
            self.found[-1].buttons.add((given["name"], given.get("value", "")))


@dataclass(slots=True)
class Person:
    """A person with a new browser."""

    address: str
    cookies: dict[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)

    def open(self, target: str) -> Page | Sent:
        """Opens an address of the server, and follows redirects."""
        for _ in range(_MOST_REDIRECTS):
            answer = self.send("GET", target)
            if answer.status != 303:
                return Page(target, answer)
            target = answer.headers["location"]
            if not target.startswith("/"):
                return Sent(target)
        raise AssertionError("they are sent in a circle")

    def submit(self, form: Form, **filled: str) -> Page | Sent:
        """Sends a form with filled fields or a pressed button."""
        return self.post(form.action, {**form.fields, **filled})

    def post(self, target: str, fields: Mapping[str, str]) -> Page | Sent:
        """Sends fields as a form."""
        answer = self.send("POST", target, urlencode(fields).encode())
        if answer.status != 303:
            return Page(target, answer)
        location = answer.headers["location"]
        return self.open(location) if location.startswith("/") else Sent(location)

    def send(self, method: str, target: str, body: bytes | None = None) -> Answer:
        """Sends one request with the stored cookies, and stores new ones."""
        headers = dict(self.headers)
        if body is not None:
            headers.setdefault("content-type", _FORM)
        if self.cookies:
            pairs = (f"{name}={value}" for name, value in self.cookies.items())
            headers["cookie"] = "; ".join(pairs)
        client = Client(self.address)
        answer = client.raw(method, target, body, headers)
        client.close()
        for cookie in answer.cookies:
            pair = cookie.partition(";")[0].partition("=")
            self.cookies[pair[0]] = pair[2]
            if "Max-Age=0;" in cookie:
                del self.cookies[pair[0]]
        return answer

    def log_in(self, email: str, target: str = "/oauth/login") -> Page | Sent:
        """Opens an address that redirects to the login page, and logs in there."""
        page = self.open(target)
        assert isinstance(page, Page)
        assert page.path.startswith("/oauth/login"), page.path
        (form,) = page.forms
        return self.submit(form, email=email, password=PASSWORD)

    def answer(self, page: Page | Sent, answer: str = "allow") -> Sent:
        """Decides on a consent page."""
        assert isinstance(page, Page), page
        (form,) = page.forms
        assert ("answer", answer) in form.buttons, page.text
        sent = self.submit(form, answer=answer)
        assert isinstance(sent, Sent), sent
        return sent
