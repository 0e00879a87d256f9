"""What the library knows beside the payers' own profiles: Medicare's lists, the directory, crosswalks, deadlines,
recourse, denials.

Reads these folders, and checks what they and the payers' delegations say of payers, routes and each other.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from gateway.contract.destination import Benefit
from gateway.model.line import ServiceCode
from gateway.model.people import LineOfBusiness
from gateway.profiles import directory
from gateway.profiles.benefit import Listed, WhiteBagging
from gateway.profiles.crosswalk import PRODUCT_DIGITS, Crosswalk, NotACrosswalk, read_crosswalk
from gateway.profiles.deadlines import DeadlineList, Rule, ties
from gateway.profiles.delegation import Delegation
from gateway.profiles.denials import DenialRules, Denials, faults_of, joined
from gateway.profiles.directory import Directory, Named
from gateway.profiles.faults import Place, ProfileFault
from gateway.profiles.part_b import PartB
from gateway.profiles.payer import PayerProfile
from gateway.profiles.recourse import Known, PathList
from gateway.profiles.recourse import ties as tied_paths
from gateway.profiles.shelf import CROSSWALKS, Shelf, shelve, visible_files
from gateway.profiles.terms import TermList, Terms

_MOST_BYTES = 20_000_000
_NO_RULES = Denials()


@dataclass(frozen=True)
class Reference:
    """``crosswalks`` are by the names of their files, the quarters in order."""

    part_b: tuple[PartB, ...] = ()
    rows: tuple[Named, ...] = ()
    crosswalks: tuple[tuple[str, Crosswalk], ...] = ()
    deadlines: tuple[Rule, ...] = ()
    recourse: tuple[Known, ...] = ()
    terms: Terms = field(default_factory=Terms)
    denials: Denials = _NO_RULES

    def crosswalk(self, on: date) -> tuple[str, Crosswalk] | None:
        """That of the day's quarter, else the last before it: products outlive the quarter they were listed in."""
        begun = [each for each in self.crosswalks if each[1].effective.start <= on]
        return begun[-1] if begun else None

    def billed_as(self, ndc: str, on: date) -> tuple[ServiceCode, ...]:
        """The codes that a product is billed under on a day, whatever its package; none where no crosswalk has it."""
        found = self.crosswalk(on)
        return () if found is None else found[1].by_product.get(ndc[:PRODUCT_DIGITS], ())


def read_reference(folder: Path, payers: Shelf[PayerProfile], faults: list[ProfileFault]) -> Reference:
    """Everything of it under the folder. What is wrong is added to the faults."""
    lists = shelve(folder, PartB, "benefits", "list", faults)
    directories = shelve(folder, Directory, "directory", "directory", faults)
    deadlines = shelve(folder, DeadlineList, "deadlines", "list", faults)
    paths = shelve(folder, PathList, "recourse", "list", faults)
    terms = shelve(folder, TermList, "intake", "list", faults)
    denials = shelve(folder, DenialRules, "denials", "list", faults)
    faults += [denials.places[name].fault(at, message, fix) for name, at, message, fix in faults_of(denials.profiles)]
    rows = directory.named(directories.profiles.values())
    faults += _row_faults(rows, directories, payers)
    faults += _deadline_faults(deadlines, payers)
    faults += _path_faults(paths, payers)
    for name, payer in payers.profiles.items():
        faults += _delegation_faults(payers.places[name], payer, payers)
        faults += _handoff_faults(payers.places[name], payer, payers)
        faults += _fact_faults(payers.places[name], payer)
    return Reference(
        part_b=tuple(lists.profiles[name] for name in sorted(lists.profiles)),
        rows=rows,
        crosswalks=tuple(read_crosswalks(folder, faults)),
        deadlines=tuple(
            Rule(deadline=rule, zone=deadlines.profiles[name].zone)
            for name in sorted(deadlines.profiles)
            for rule in deadlines.profiles[name].rules
        ),
        recourse=tuple(
            Known(path=path, zone=paths.profiles[name].zone)
            for name in sorted(paths.profiles)
            for path in paths.profiles[name].paths
        ),
        terms=Terms.of(terms.profiles.values()),
        denials=joined(denials.profiles),
    )


def _deadline_faults(lists: Shelf[DeadlineList], payers: Shelf[PayerProfile]) -> Iterator[ProfileFault]:
    for name, each in lists.profiles.items():
        for number, rule in enumerate(each.rules):
            yield from _stranger_faults(lists.places[name], f"/rules/{number}", rule.payers, payers)
    for one, other in ties(tuple(lists.profiles.values())):
        rule = lists.profiles[one[0]].rules[one[1]]
        message = f"{rule.id} of {lists.places[one[0]].file} holds for some of these lines on some days as well."
        fix = "End one before the other starts, or narrow one of them."
        yield lists.places[other[0]].fault(f"/rules/{other[1]}", message, fix)


def _path_faults(lists: Shelf[PathList], payers: Shelf[PayerProfile]) -> Iterator[ProfileFault]:
    for name, each in lists.profiles.items():
        for number, path in enumerate(each.paths):
            yield from _stranger_faults(lists.places[name], f"/paths/{number}", path.payers, payers)
    for one, other in tied_paths(tuple(lists.profiles.values())):
        path = lists.profiles[one[0]].paths[one[1]]
        message = f"{path.id} of {lists.places[one[0]].file} holds for some of these denials on some days as well."
        fix = "End one before the other starts, or narrow one of them."
        yield lists.places[other[0]].fault(f"/paths/{other[1]}", message, fix)


def _stranger_faults(
    place: Place, at: str, named: tuple[str, ...] | None, payers: Shelf[PayerProfile]
) -> Iterator[ProfileFault]:
    for index, payer in enumerate(named or ()):
        if payer not in payers.profiles and payer not in payers.unread:
            yield place.fault(f"{at}/payers/{index}", "There is no such payer.", "Add its profile to payers/.")


def read_crosswalks(folder: Path, faults: list[ProfileFault]) -> list[tuple[str, Crosswalk]]:
    """Those under a folder that is like mappings/, the quarters in order. What is wrong is added to the faults."""
    found: dict[date, tuple[str, Crosswalk]] = {}
    for file in visible_files(folder, CROSSWALKS):
        place = Place(file.relative_to(folder).as_posix(), {})
        try:
            if file.stat().st_size > _MOST_BYTES:
                raise NotACrosswalk(0, "The file is larger than 20 MB.")
            read = read_crosswalk(file.read_bytes())
        except OSError as error:
            why = f"The file cannot be read ({type(error).__name__})."
            faults.append(place.fault("", why, "Check that it exists and its permissions."))
            continue
        except NotACrosswalk as error:
            fix = "Put the CSV file here as CMS publishes it."
            faults.append(ProfileFault(place.file, error.line, "", str(error), fix))
            continue
        start = read.effective.start
        if start in found:
            faults.append(place.fault("", f"{found[start][0]} is of this quarter too.", "Keep one of them."))
        found.setdefault(start, (place.file, read))
    return [found[start] for start in sorted(found)]


def notes_of(reference: Reference) -> Iterator[str]:
    """Rows that a crosswalk had and that are not used: no faults, for it is as CMS publishes it."""
    for file, crosswalk in reference.crosswalks:
        for dirty in crosswalk.dirty:
            yield f"{file}:{dirty.line}: This row is left out: {dirty.why}."


def _row_faults(
    rows: tuple[Named, ...], directories: Shelf[Directory], payers: Shelf[PayerProfile]
) -> Iterator[ProfileFault]:
    for each in rows:
        place, at = directories.places[each.directory], f"/rows/{each.place}"
        yield from _target_faults(place, at, each.row.payer, each.row.connection, "pharmacy", payers)
    for one, other in directory.ties(rows):
        message = f"{one} says as much of some cards as {other}, and both hold on some days."
        fix = "End one before the other starts, or give one of them a PCN or a group."
        yield directories.places[other.directory].fault(f"/rows/{other.place}", message, fix)


def _delegation_faults(place: Place, payer: PayerProfile, payers: Shelf[PayerProfile]) -> Iterator[ProfileFault]:
    for number, each in enumerate(payer.benefits.delegations):
        at = f"/benefits/delegations/{number}"
        if each.payer == payer.payer:
            yield place.fault(f"{at}/payer", "The payer delegates to itself.", "Name another payer, or a connection.")
            continue
        target = each.payer or payer.payer
        yield from _target_faults(place, at, target, each.connection, each.benefit, payers)
        own = [one for one in payer.routes if each.benefit in one.benefits and one.connection != each.connection]
        if each.recommends and each.benefit == "medical" and not own:
            message = "Nobody could be asked for the payer's own authorization: it has no other route for this benefit."
            yield place.fault(f"{at}/recommends", message, "Add a route to the payer's, or remove recommends.")


def _handoff_faults(place: Place, payer: PayerProfile, payers: Shelf[PayerProfile]) -> Iterator[ProfileFault]:
    for number, row in enumerate(payer.hands_on):
        at = f"/hands_on/{number}/payer"
        if row.payer == payer.payer:
            yield place.fault(at, "The payer hands on to itself.", "Name another payer.")
        elif row.payer not in payers.profiles and row.payer not in payers.unread:
            yield place.fault(at, "There is no such payer.", "Add its profile to payers/.")


def _target_faults(
    place: Place, at: str, payer: str, connection: str | None, benefit: Benefit, payers: Shelf[PayerProfile]
) -> Iterator[ProfileFault]:
    found = payers.profiles.get(payer)
    if found is None:
        if payer not in payers.unread:
            yield place.fault(f"{at}/payer", "There is no such payer.", "Add its profile to payers/.")
        return
    routes = [route for route in found.routes if connection in (None, route.connection)]
    if connection is not None and not routes:
        message = "No route of this payer leads over this connection."
        yield place.fault(f"{at}/connection", message, "Name a connection of its routes.")
    elif not any(benefit in route.benefits for route in routes):
        message = f"No route there carries the {benefit} benefit."
        yield place.fault(at, message, "Add the benefit to a route of the payer it names.")


def _fact_faults(place: Place, payer: PayerProfile) -> Iterator[ProfileFault]:
    """Facts about benefits that hold on no day or for no line of business of the payer."""
    rules = payer.benefits
    kinds: Mapping[str, tuple[Delegation | WhiteBagging | Listed, ...]] = {
        "delegations": rules.delegations,
        "white_bagging": rules.white_bagging,
        "drugs": rules.drugs,
    }
    for kind, facts in kinds.items():
        for number, fact in enumerate(facts):
            at = f"/benefits/{kind}/{number}"
            if not fact.effective.overlaps(payer.effective):
                message = "No day of this lies within the payer's own days."
                yield place.fault(f"{at}/effective", message, "Compare the two periods.")
            yield from _business_faults(place, at, fact.lines_of_business, payer)
    for number, each in enumerate(rules.delegations):
        for index, row in enumerate(each.unless):
            at = f"/benefits/delegations/{number}/unless/{index}"
            yield from _business_faults(place, at, row.lines_of_business, payer)


def _business_faults(
    place: Place, at: str, businesses: Sequence[LineOfBusiness] | None, payer: PayerProfile
) -> Iterator[ProfileFault]:
    for index, business in enumerate(businesses or ()):
        if business not in payer.lines_of_business:
            yield place.fault(
                f"{at}/lines_of_business/{index}",
                "The payer does not serve this line of business.",
                "Add it to the payer's lines_of_business, or remove it here.",
            )
