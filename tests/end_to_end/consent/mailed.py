"""Links as mails of a topic carry them, and what their readers do."""

from services.postgres.database import Database
from services.sealed.mailed_links import MailedLink, MailedLinks
from services.sealed.secret_keys import LINKS, open_keys
from tests.client import Answer, Client
from tests.world import Tenant, administer

FORM = {"Content-Type": "application/x-www-form-urlencoded"}
ONE_CLICK = b"List-Unsubscribe=One-Click"
MULTIPART = {"Content-Type": "multipart/form-data; boundary=b"}
ONE_CLICK_PART = (
    b'--b\r\nContent-Disposition: form-data; name="List-Unsubscribe"\r\n\r\n'
    b"One-Click\r\n--b--\r\n"
)


def mailed(tenant: Tenant, contact: str, topic: str, address: str) -> str:
    """The path of the link in a mail."""

    async def seal(database: Database) -> str:
        links = MailedLinks(await open_keys(database, LINKS))
        return links.path(MailedLink(tenant.business_id, contact, topic, address))

    return administer(tenant.stack.database_url, seal)


def look(client: Client, path: str, method: str = "GET") -> Answer:
    """What somebody is shown who opens the link."""
    return client.raw(method, path, None, {})


def click(client: Client, path: str, body: bytes = ONE_CLICK) -> Answer:
    """What a mail program is answered that ends the topic, or a form that does."""
    return client.raw("POST", path, body, FORM)
