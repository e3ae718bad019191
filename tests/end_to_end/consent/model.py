"""A model of who may be written to, which keeps what each contact has said in lists."""

from dataclasses import dataclass, field

GRANTED, DENIED = "granted", "denied"


@dataclass(slots=True)
class Said:
    """One consent, the `at`th. `by` is the merge that added it.

    Each merge that moved it adds itself to `from_`, and the contact whose it was.
    """

    topic: str
    status: str
    by: str = ""
    at: int = 0
    from_: list[tuple[str, str]] = field(default_factory=list)


@dataclass(slots=True)
class Model:
    """What contacts have said, the newest last; and which addresses are suppressed."""

    said: dict[str, list[Said]] = field(default_factory=dict)
    suppressed: dict[str, str] = field(default_factory=dict)
    merges: dict[str, tuple[str, list[str]]] = field(default_factory=dict)
    clock: int = 0

    def newest(self, contact: str, topic: str) -> str | None:
        """The newest status of a contact."""
        of_topic = [each for each in self.said[contact] if each.topic == topic]
        latest = max(of_topic, key=lambda each: each.at, default=None)
        return None if latest is None else latest.status

    def say(self, contact: str, said: Said) -> None:
        """Adds a consent."""
        self.clock += 1
        said.at = self.clock
        self.said[contact].append(said)

    def merge(self, merge_id: str, survivor: str, others: list[str]) -> None:
        """Joins what contacts have said: of each topic, the stricter counts."""
        every = [survivor, *others]
        for topic in sorted({e.topic for one in every for e in self.said[one]}):
            both = [e for one in every for e in self.said[one] if e.topic == topic]
            is_mixed = GRANTED in [each.status for each in both]
            if is_mixed and DENIED in [self.newest(one, topic) for one in every]:
                self.say(survivor, Said(topic, DENIED, merge_id))
        for other in others:
            for each in self.said.pop(other):
                each.from_.append((merge_id, other))
                self.said[survivor].append(each)
        self.merges[merge_id] = survivor, others

    def unmerge(self, merge_id: str) -> None:
        """Parts them again. What was said since stays with the survivor."""
        survivor, others = self.merges.pop(merge_id)
        self.said |= {other: [] for other in others}
        kept = []
        for each in self.said[survivor]:
            last = next((e for e in each.from_ if e[0] == merge_id), None)
            if each.by == merge_id:
                continue
            if last is not None:
                del each.from_[each.from_.index(last) :]
                self.said[last[1]].append(each)
            else:
                kept.append(each)
        self.said[survivor] = kept

    def reason(
        self, contact: str, email: str | None, requirement: str, topic: str
    ) -> str | None:
        """Why a contact with an address may not be written to."""
        if email is None:
            return "no_email"
        if email.lower() in self.suppressed.values():
            return "suppressed"
        status = self.newest(contact, topic)
        if status == DENIED:
            return "denied"
        is_needless = requirement == "legitimate_interest"
        return None if status == GRANTED or is_needless else "not_granted"
