"""The conditions under which a payer delegates: each with what it read, and what to send where the request leaves it
open. Nothing is guessed: what is not told holds neither way."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date

from gateway.model.line import CodeSystem
from gateway.model.people import NO_GROUP, plain_group
from gateway.model.request import Intent, SupplyMode
from gateway.profiles.delegation import Conditions, Delegation, Excepted
from gateway.profiles.ranges import Area, CodeRange
from gateway.routing.asked import LINE_OF_BUSINESS, Asked, names
from gateway.routing.given import mode

_TAXONOMY = "/requester/taxonomy"
_GROUP = "/coverages/0/medical_group"
_LIVES = "/patient/address"
_PREVIOUS = "/previous_decision"
_WHICH_DIAGNOSIS = "Send in the line's diagnoses which of the request's diagnoses it is for."
_NAMED = 10
"""Medical groups that a question names."""


@dataclass(frozen=True)
class Condition:
    """One condition of a delegation and the fields it read. ``holds`` is None where the request does not say; ``fix``
    is what to send then, at the last of the fields. ``data`` names the crosswalk that told."""

    of: str
    holds: bool | None
    fields: tuple[str, ...]
    fix: str = ""
    data: tuple[str, ...] = ()


def conditions_of(asked: Asked, delegation: Delegation) -> Iterator[Condition]:
    """All that has to hold, the delegation's exceptions among it."""
    day = asked.service_day
    yield Condition("day of service", delegation.effective.holds(day), (asked.at("dates/start"),))
    yield from _narrowing(asked, delegation)
    if delegation.earlier_stay:
        yield _of_earlier(asked, delegation)
    for number, row in enumerate(delegation.unless):
        yield _of_exception(list(_narrowing(asked, row)), number, row)


def _narrowing(asked: Asked, wanted: Conditions) -> Iterator[Condition]:
    day = asked.service_day
    if wanted.lines_of_business is not None:
        yield Condition("line of business", asked.serves(wanted.lines_of_business), (LINE_OF_BUSINESS,))
    if wanted.roles is not None:
        yield Condition("role of the line", asked.line.role in wanted.roles, (asked.at("role"),))
    if wanted.codes is not None:
        yield _of_codes(asked, wanted.codes)
    if wanted.with_codes is not None:
        lines = [replace(asked, place=number) for number in range(len(asked.request.lines))]
        fields = tuple(field for line in lines for field in line.code_fields)
        has = any(names(wanted.with_codes, line.codes) for line in lines)
        yield Condition("codes of the whole request", has, fields)
    if wanted.places_of_service is not None:
        place = asked.line.place_of_service or asked.request.site.place_of_service
        told = (asked.at("place_of_service"), "/site/place_of_service")
        yield Condition("place of service", place in wanted.places_of_service, told)
    if wanted.ages is not None:
        age = _age(asked.request.patient.birth_date, day)
        within = wanted.ages.least <= age <= wanted.ages.most
        yield Condition("age", within, ("/patient/birth_date", asked.at("dates/start")))
    if wanted.diagnoses is not None:
        for_it = asked.is_for(wanted.diagnoses)
        beside = any(each.beside for each in wanted.diagnoses)
        read = asked.all_diagnosis_fields if beside else asked.diagnosis_fields[1:]
        yield Condition("diagnosis", for_it, (*read, asked.at("diagnoses")), _WHICH_DIAGNOSIS)
    if wanted.specialties is not None:
        taxonomy = asked.request.requester.taxonomy
        holds = taxonomy in wanted.specialties if taxonomy else None
        yield Condition("specialty of the requester", holds, (_TAXONOMY,), "Send requester.taxonomy.")
    if wanted.areas is not None:
        yield _of_areas(asked, wanted.areas)
    if wanted.medical_groups is not None:
        yield _of_groups(asked, wanted.medical_groups)


def _of_exception(conditions: Sequence[Condition], number: int, row: Excepted) -> Condition:
    """An exception keeps the delegation from holding once all of it holds; it is open where nothing speaks against it
    and something of it is."""
    fields = tuple(field for each in conditions for field in each.fields)
    data = tuple(file for each in conditions for file in each.data)
    if any(each.holds is False for each in conditions):
        return Condition(f"exception {row.exception}", True, fields, data=data)
    first = next((each for each in conditions if each.holds is None), None)
    if first is None:
        return Condition(f"exception {row.exception}", False, fields, data=data)
    return Condition(
        f"{first.of}, by its exception {row.exception}", None, (*fields, first.fields[-1]), first.fix, data
    )


def _of_codes(asked: Asked, wanted: Sequence[CodeRange]) -> Condition:
    """By the line's own codes, else by what the crosswalk makes of them: the same product in another code. What a
    practice bills has a code, so where the crosswalk does not know that of its product, it is asked."""
    if names(wanted, asked.codes):
        return Condition("code", True, asked.code_fields)
    file, crossed = asked.crossed
    told = {names(wanted, (code,)) for code in crossed}
    if told == {True, False}:
        fix = "Send the line's ndc, or its HCPCS code."
        return Condition("code", None, (*asked.code_fields, asked.at("ndc")), fix, file)
    unknown = asked.is_drug and not asked.billed and mode(asked)[0] is not SupplyMode.SELF_ADMINISTERED
    if unknown and any(each.system is CodeSystem.HCPCS for each in wanted):
        fix = "Send the line's HCPCS code, with the NDC as its ndc."
        return Condition("code", None, (asked.at("ndc"), asked.at("code")), fix)
    return Condition("code", told == {True}, asked.code_fields, data=file)


def _of_areas(asked: Asked, areas: Sequence[Area]) -> Condition:
    """By where the patient lives: a plan is of the market of its members, wherever they are treated."""
    address = asked.request.patient.address
    if address is None:
        return Condition("patient's state", None, (_LIVES,), "Send patient.address, with its state.")
    area = next((each for each in areas if each.state == address.state), None)
    if area is None or area.counties is None:
        return Condition("patient's state", area is not None, (f"{_LIVES}/state",))
    fields = (f"{_LIVES}/state", f"{_LIVES}/county")
    if address.county is None:
        return Condition("patient's county", None, fields, "Send patient.address.county, by its name.")
    return Condition("patient's county", area.holds(address.county), fields)


def _of_groups(asked: Asked, wanted: Sequence[str]) -> Condition:
    """By the group's name or id as the profile has it. Another is asked about: a name that nobody knows may be one of
    those wanted, written otherwise."""
    of, told = "medical group", asked.request.coverages[0].medical_group
    if told is not None and plain_group(told) == NO_GROUP:
        return Condition(of, False, (_GROUP,))
    listed = asked.payer.benefits.medical_groups
    known = {plain_group(name): each.group for each in listed for name in each.names}
    if told is not None and plain_group(told) in known:
        return Condition(of, known[plain_group(told)] in wanted, (_GROUP,))
    some = [each.names[0] for each in listed if each.group in wanted]
    more = ", ..." if len(some) > _NAMED else ""
    says = f"Send coverages[0].medical_group as the payer calls it ({', '.join(some[:_NAMED])}{more})"
    return Condition(of, None, (_GROUP,), f"{says}; {NO_GROUP} if the member is in no group that the profile lists.")


def _of_earlier(asked: Asked, delegation: Delegation) -> Condition:
    """Whether it is for the delegate though the payer decided before: what is new and what is renewed is; an
    authorization stays with who gave it until it ends, and so do an appeal and a review that is not decided."""
    of, intent, previous = "earlier decision of the payer", asked.request.intent, asked.request.previous_decision
    if intent in (Intent.INITIAL, Intent.RENEWAL):
        return Condition(of, True, ("/intent",))
    fields = ("/intent", f"{_PREVIOUS}/decided_on")
    if previous is None:
        fix = "Send previous_decision: when the payer decided (decided_on), and the last day it granted (ends_on)."
        return Condition(of, None, ("/intent", _PREVIOUS), fix)
    if previous.decided_on >= delegation.effective.start:
        return Condition(of, True, fields)
    if intent is Intent.APPEAL or asked.request.previous_authorization is None:
        return Condition(of, False, (*fields, "/previous_authorization"))
    ends = (*fields, asked.at("dates/start"), f"{_PREVIOUS}/ends_on")
    if previous.ends_on is None:
        return Condition(of, None, ends, "Send previous_decision.ends_on, the last day of what the payer granted.")
    return Condition(of, asked.service_day > previous.ends_on, ends)


def _age(born: date, on: date) -> int:
    return on.year - born.year - ((on.month, on.day) < (born.month, born.day))
