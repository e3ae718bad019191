"""A small model of a tenant: what stands after each operation.

It knows what the guides say, and nothing of versions, images or transactions.
"""

from collections.abc import Iterable
from copy import deepcopy
from dataclasses import dataclass, field

from tests.end_to_end.whole_life.records import (
    ENDS,
    OWNED,
    Record,
    Values,
    change,
    links_of,
    new_record,
    path_of,
)


class RefusedError(Exception):
    """The status with which an operation is answered instead."""

    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.status = status


@dataclass(slots=True)
class Cleared:
    """What a deletion did to another record: the link that it cleared, if any.

    `died` is how often a record that was deleted with it had changed by then.
    """

    record: str
    link: str = ""
    died: int | None = None


@dataclass(slots=True)
class Model:
    """All records of a tenant by their labels, living and deleted ones."""

    records: dict[str, Record] = field(default_factory=dict)
    deletions: dict[str, list[Cleared]] = field(default_factory=dict)
    clock: int = 0

    def living(self, *paths: str) -> list[str]:
        return [k for k, e in self.records.items() if e.lives and e.path in paths]

    def dead(self, *paths: str) -> list[str]:
        """The deleted records; merged ones are none, nor are erased ones."""
        return [
            k
            for k, e in self.records.items()
            if e.path in paths and not (e.lives or e.into or e.erased)
        ]

    @property
    def survivors(self) -> list[str]:
        """The living records that others were merged into."""
        return [
            k for k, e in self.records.items() if e.lives and e.values.get("merged_ids")
        ]

    def survivor(self, label: str) -> str:
        while (into := self.records[label].into) is not None:
            label = into
        return label

    def one(self, label: str) -> Record:
        """The living record that a label stands for."""
        record = self.records[self.survivor(label)]
        if not record.lives:
            raise RefusedError(410 if record.erased else 404)
        return record

    def create(self, label: str, given: Values) -> str:
        """Creates a record. Returns its label, or that of an association there is."""
        path = path_of(label)
        made = new_record(path, self._led(given))
        if path == "associations":
            same = self._same(made)
            if same is not None:
                return same
        self.refuse_taken([made])
        self.records[label] = made
        return label

    def update(self, label: str, given: Values) -> None:
        record = self.one(label)
        after = deepcopy(record)
        change(after, self._led(given))
        self.refuse_taken([after], {self.survivor(label)})
        for name in links_of(record.path):
            if after.get(name) != record.get(name):
                self.leads(after, name)
        self.records[self.survivor(label)] = after

    def delete(self, label: str) -> None:
        """Deletes a record, with what that does to others."""
        if self.records[label].into is not None:
            raise RefusedError(409 if self.records[self.survivor(label)].lives else 404)
        self.end(self.one(label))
        done = self.deletions[label] = []
        for key, each in self.records.items():
            if not each.lives:
                continue
            if label in (each.get("from_id"), each.get("to_id")):
                self.end(each)
                done.append(Cleared(key, died=each.events))
            for name, led in list(each.links()):
                if led != label:
                    continue
                each.put(name, None)
                self.leads(each, name)
                if each.path in OWNED and not list(each.links()):
                    self.end(each)
                    done.append(Cleared(key, name, each.events))
                else:
                    done.append(Cleared(key, name))

    def erase(self, label: str) -> None:
        """Erases a record: to others that is as if it were deleted, for good."""
        self.delete(label)
        del self.deletions[label]
        self.records[label].erased = True

    def leads(self, record: Record, link: str) -> None:
        """Remembers that a link was changed now, other than by a merge."""
        record.led_at[link] = self.clock
        record.led_from.pop(link, None)

    @staticmethod
    def end(record: Record) -> None:
        record.lives, record.events = False, record.events + 1

    def restore(self, label: str) -> None:
        """Restores a record, with what its deletion did to others."""
        label = self.survivor(label)
        record = self.records[label]
        if record.lives:
            return
        if record.erased:
            raise RefusedError(410)
        again = self.again(record)
        self.refuse_taken([again])
        self.records[label] = again
        for each in self.deletions.pop(label, ()):
            other = self.records[each.record]
            if each.died is not None:
                if each.died == other.events and not other.into:
                    self._return(each, label)
            elif other.lives and other.get(each.link) is None:
                other.put(each.link, label)
                self.leads(other, each.link)

    def _return(self, cleared: Cleared, label: str) -> None:
        """Brings back what was deleted with a record, if it may."""
        other = deepcopy(self.records[cleared.record])
        if self.was_merged(other):
            return
        if cleared.link:
            other.put(cleared.link, label)
            self.leads(other, cleared.link)
        try:
            other = self.again(other)
            self.refuse_taken([other])
        except RefusedError:
            return
        self.records[cleared.record] = other

    def again(self, record: Record) -> Record:
        """A record as it comes back: without links to what does not live."""
        after = deepcopy(record)
        after.lives, after.ended, after.events = True, None, after.events + 1
        if record.path == "associations":
            ends = [self.survivor(record.get(name)) for name in ENDS]
            for name, end in zip(ENDS, ends, strict=True):
                if not self.records[end].lives:
                    raise RefusedError(422)
                if end != after.values[name]:
                    after.led_from[name] = after.values[name]
                after.values[name] = end
            if self._same(after) is not None:
                raise RefusedError(422)
        for name, led in list(record.links()):
            survivor = self.survivor(led)
            lives = self.records[survivor].lives
            after.put(name, survivor if lives else None)
            if not lives:
                self.leads(after, name)
            elif survivor != led:
                after.led_from[name] = led
        if record.path in OWNED and not list(after.links()):
            raise RefusedError(422)
        return after

    def revive(self, label: str) -> None:
        """Brings back an association that ended by a merge, if its place is free."""
        try:
            if not self.was_merged(self.records[label]):
                self.records[label] = self.again(self.records[label])
        except RefusedError:
            return

    def was_merged(self, association: Record) -> bool:
        """Whether one of its ends is no more: then it does not come by itself."""
        ends = [association.get(name) for name in ENDS if association.get(name)]
        return any(self.records[each].into for each in ends)

    def refuse_taken(
        self, records: Iterable[Record], others_than: Iterable[str] = ()
    ) -> None:
        """Refuses records with a value that another one has."""
        taken = {
            value
            for key, each in self.records.items()
            if each.lives and key not in others_than
            for value in each.unique()
        }
        for each in records:
            for value in each.unique():
                if value in taken:
                    raise RefusedError(422)
                taken.add(value)

    def _same(self, association: Record) -> str | None:
        """The living association of the same records."""
        names = ("type", *ENDS)
        for key in self.living("associations"):
            each = self.records[key]
            if all(each.get(name) == association.get(name) for name in names):
                return key
        return None

    def _led(self, given: Values) -> Values:
        """Values of a request, with survivors in the place of merged records."""
        led = deepcopy(given)
        for values in (led, led.get("custom_fields", {})):
            for name, value in values.items():
                if isinstance(value, str) and value in self.records:
                    values[name] = self.survivor(value)
                    if not self.records[values[name]].lives:
                        raise RefusedError(422)
        return led
