"""Spellings of addresses that no request may go to, in all ways that programs read."""

from collections.abc import Awaitable, Callable, Iterator
from ipaddress import IPv4Address, IPv6Address

# What each kind of address stands for, one or two of each.
FORBIDDEN_4 = (
    "127.0.0.1",
    "127.255.255.254",
    "10.0.0.1",
    "172.16.0.1",
    "172.31.255.255",
    "192.168.1.1",
    "169.254.169.254",
    "169.254.170.2",
    "100.64.0.1",
    "100.100.100.200",
    "0.0.0.0",  # noqa: S104 - nobody listens
    "0.1.2.3",
    "192.0.0.192",
    "192.0.2.1",
    "192.88.99.1",
    "198.18.0.1",
    "198.19.255.255",
    "198.51.100.7",
    "203.0.113.9",
    "224.0.0.1",
    "239.255.255.255",
    "240.0.0.1",
    "255.255.255.255",
    "168.63.129.16",
)
FORBIDDEN_6 = (
    "::",
    "::1",
    "fe80::1",
    "febf::1",
    "fec0::1",
    "fc00::1",
    "fd00:ec2::254",
    "fd20:ce::254",
    "fdff:ffff::1",
    "ff02::1",
    "ff0e::1",
    "2001::1",
    "2001:0:4136:e378:8000:63bf:3fff:fdd2",
    "2001:20::1",
    "2001:db8::1",
    "3fff::1",
    "5f00::1",
    "100::1",
    "4000::1",
    "2a00:1450::5efe:7f00:1",
    "2a00:1450::200:5efe:a00:1",
)
# The metadata of clouds, link-local and what else nobody may allow.
NEVER = (
    "169.254.169.254",
    "[fd00:ec2::254]",
    "[fd20:ce::254]",
    "[fe80::1]",
    "100.100.100.200",
    "168.63.129.16",
    "192.0.0.192",
    "0.0.0.0",  # noqa: S104 - nobody listens
    "[::]",
    "224.0.0.1",
    "[::ffff:127.0.0.1]",
    "[::ffff:10.0.0.1]",
    "metadata.google.internal",
)


def in_ipv6(text: str) -> Iterator[str]:
    """An IPv4 address in IPv6: mapped, compatible, translated, 6to4, Teredo, NAT64."""
    number = int(IPv4Address(text))
    high, low = number >> 16, number & 0xFFFF
    yield f"::ffff:{text}"
    yield f"::{text}"
    yield f"::ffff:0:{text}"
    yield f"64:ff9b::{text}"
    yield f"64:ff9b:1::{high:x}:{low:x}"
    yield f"2002:{high:x}:{low:x}::1"
    yield f"2001:0:{high:x}:{low:x}::1"
    yield f"2001::{number ^ 0xFFFFFFFF:08x}"[:11] + f":{low ^ 0xFFFF:x}"
    yield f"0:0:0:0:0:ffff:{high:x}:{low:x}"


def as_numbers(text: str) -> Iterator[str]:
    """An IPv4 address as `inet_aton` reads it, and some that browsers read."""
    number, (a, b, c, d) = int(IPv4Address(text)), text.split(".")
    yield str(number)
    yield f"0x{number:x}"
    yield f"0X{number:08X}"
    yield f"0{number:o}"
    yield f"0{int(a):o}.0{int(b):o}.0{int(c):o}.0{int(d):o}"
    yield f"000{int(a):o}.{b}.{c}.{d}"
    yield f"0x{int(a):x}.0x{int(b):x}.0x{int(c):x}.0x{int(d):x}"
    yield f"{a}.{int(b) << 16 | int(c) << 8 | int(d)}"
    yield f"{a}.{b}.{int(c) << 8 | int(d)}"
    yield f"{a}.{b}.{c}.0x{int(d):x}"
    yield f"{text}."
    yield f"{a}.{b}.{c}.{d}.."
    yield f"{a}.{b}.{c}"
    yield f"0{text}" if not text.startswith("0") else f"0{text}.0"


def spelled_otherwise(text: str) -> Iterator[str]:
    """A host in letters and signs that only some programs understand."""
    circled = "⓪①②③④⑤⑥⑦⑧⑨"
    full = str.maketrans({str(d): chr(0xFF10 + d) for d in range(10)})
    round_ = str.maketrans({str(d): circled[d] for d in range(10)})
    yield text.translate(full)
    yield text.translate(round_)
    for dot in "。\uff0e\uff61":
        yield text.replace(".", dot)
    yield text.replace(".", "%2e")
    yield "".join(f"%{ord(each):02x}" for each in text)
    yield f"user@{text}"
    yield f"example.com@{text}"
    yield f"example.com:80@{text}"
    yield f"example.com#@{text}"
    yield f"example.com\\@{text}"
    yield f" {text}"
    yield f"{text} "
    yield f"{text}\t"
    yield f"{text}\n"
    yield f"{text}\0.example.com"
    yield f"[{text}]"


def hosts() -> Iterator[str]:
    """All of them."""
    for text in FORBIDDEN_4:
        yield text
        for each in in_ipv6(text):
            yield f"[{each}]"
    for text in ("127.0.0.1", "10.0.0.1", "169.254.169.254", "192.168.1.1"):
        yield from as_numbers(text)
        yield from spelled_otherwise(text)
    for text in FORBIDDEN_6:
        yield f"[{text}]"
        yield f"[{IPv6Address(text).exploded}]"
        yield f"[{text}%eth0]"
        yield f"[{text}%25eth0]"
        yield text
    yield from ("metadata.google.internal", "METADATA.google.internal", "metadata")
    yield from ("localhost", "LOCALHOST", "a.localhost", "localhost.localdomain")
    yield from ("instance-data", "", ".", "..", "[]", "[::1", "::1]", "[v1.a]", "a..b")
    yield from ("-a.example", "a-.example", "a" * 64 + ".example", "1e100.0x")


def names(**given: list[str]) -> Callable[[str], Awaitable[list[str]]]:
    """A resolver that knows some names under `.example`."""

    async def look_up(host: str) -> list[str]:
        return given[host.removesuffix(".example")]

    return look_up
