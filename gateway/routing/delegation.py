"""Rule: who reviews in the payer's place. Delegations are data of its profile; of two that hold neither is followed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from gateway.model.line import CodeSystem
from gateway.model.request import SupplyMode
from gateway.profiles.benefit import CodeRange, Delegation
from gateway.routing.asked import LINE_OF_BUSINESS, Asked, Found, Going, asks, names, passes
from gateway.routing.decision import Result, Rule, Step, Why
from gateway.routing.given import mode

_TAXONOMY = "/requester/taxonomy"


@dataclass(frozen=True)
class _Condition:
    """One condition of a delegation and the fields it read. ``holds`` is None where the request does not say; ``fix``
    is what to send then. ``data`` names the crosswalk that told."""

    of: str
    holds: bool | None
    fields: tuple[str, ...]
    fix: str = ""
    data: tuple[str, ...] = ()


def delegated(asked: Asked) -> Found:
    """The delegate, and the payer's own benefit besides where the delegation demands it."""
    delegations = asked.payer.benefits.delegations
    if not delegations:
        return passes(Rule.DELEGATED, "The payer delegates nothing.", otherwise="A delegation in the payer's profile.")
    read: list[str] = []
    holding: list[tuple[str, Delegation]] = []
    unclear: list[tuple[str, _Condition]] = []
    near: list[str] = []
    data: list[str] = []
    for number, delegation in enumerate(delegations):
        row = f"{asked.payer.payer}#/benefits/delegations/{number}"
        conditions = list(_conditions(asked, delegation))
        read += [field for each in conditions for field in each.fields]
        data += [file for each in conditions for file in each.data]
        failing = [each for each in conditions if each.holds is False]
        open_ones = [each for each in conditions if each.holds is None]
        if not failing and open_ones:
            unclear.append((row, open_ones[0]))
        elif not failing:
            holding.append((row, delegation))
        elif len(failing) == 1:
            near.append(f"The delegation {delegation.delegation} fails by the {failing[0].of} alone.")
    rows = [*(row for row, _ in (*holding, *unclear)), *dict.fromkeys(data)]
    if unclear:
        condition = unclear[0][1]
        says = f"A delegation of the payer's profile holds or not by the {condition.of}, which the request leaves open."
        return asks(Rule.DELEGATED, says, condition.fix, condition.fields[-1], read, rows)
    if len(holding) > 1:
        words = " and ".join(delegation.delegation for _, delegation in holding)
        says = f"Delegations of the payer's profile hold for the line alike: {words}."
        fix = "Send the line's benefit, and name the delegate as the coverage's payer; and narrow one in the profile."
        return asks(Rule.DELEGATED, says, fix, asked.at("benefit"), read, rows)
    if not holding:
        otherwise = " ".join(near) or "Another of what these delegations narrow."
        return passes(Rule.DELEGATED, "No delegation holds for the line.", read, otherwise, rows)
    return _to(asked, holding[0][1], rows, read)


def _to(asked: Asked, delegation: Delegation, rows: list[str], read: list[str]) -> Found:
    to = delegation.payer or f"the connection {delegation.connection}"
    says = f"The payer delegates it ({delegation.delegation}) to {to}."
    own = Why(rule=Rule.DELEGATED, says=says)
    going = [Going(delegation.benefit, own, delegation.payer, delegation.connection)]
    if delegation.also:
        also = f"The payer wants it asked under its own {delegation.also} benefit as well."
        going.append(Going(delegation.also, Why(rule=Rule.ALSO, says=also)))
        says = f"{says} {also}"
    otherwise = (
        "Another line of business, code, diagnosis, age, specialty or day of service; or the line's benefit stated."
    )
    return Found(
        Step(
            rule=Rule.DELEGATED,
            result=Result.DECIDES,
            says=says,
            inputs=tuple(dict.fromkeys(read)),
            data=tuple(rows),
            otherwise=otherwise,
        ),
        tuple(going),
    )


_WHICH_DIAGNOSIS = "Send in the line's diagnoses which of the request's diagnoses it is for."


def _conditions(asked: Asked, wanted: Delegation) -> Iterator[_Condition]:
    day = asked.service_day
    yield _Condition("day of service", wanted.effective.holds(day), (asked.at("dates/start"),))
    if wanted.lines_of_business is not None:
        yield _Condition("line of business", asked.serves(wanted.lines_of_business), (LINE_OF_BUSINESS,))
    if wanted.roles is not None:
        yield _Condition("role of the line", asked.line.role in wanted.roles, (asked.at("role"),))
    if wanted.codes is not None:
        yield _of_codes(asked, wanted.codes)
    if wanted.ages is not None:
        age = _age(asked.request.patient.birth_date, day)
        within = wanted.ages.least <= age <= wanted.ages.most
        yield _Condition("age", within, ("/patient/birth_date", asked.at("dates/start")))
    if wanted.diagnoses is not None:
        for_it = asked.is_for(wanted.diagnoses)
        yield _Condition("diagnosis", for_it, (*asked.diagnosis_fields[1:], asked.at("diagnoses")), _WHICH_DIAGNOSIS)
    if wanted.specialties is not None:
        taxonomy = asked.request.requester.taxonomy
        holds = taxonomy in wanted.specialties if taxonomy else None
        yield _Condition("specialty of the requester", holds, (_TAXONOMY,), "Send requester.taxonomy.")


def _of_codes(asked: Asked, wanted: Sequence[CodeRange]) -> _Condition:
    """By the line's own codes, else by what the crosswalk makes of them: the same product in another code. What a
    practice bills has a code, so where the crosswalk does not know that of its product, it is asked."""
    if names(wanted, asked.codes):
        return _Condition("code", True, asked.code_fields)
    file, crossed = asked.crossed
    told = {names(wanted, (code,)) for code in crossed}
    if told == {True, False}:
        fix = "Send the line's ndc, or its HCPCS code."
        return _Condition("code", None, (*asked.code_fields, asked.at("ndc")), fix, file)
    unknown = asked.is_drug and not asked.billed and mode(asked)[0] is not SupplyMode.SELF_ADMINISTERED
    if unknown and any(each.system is CodeSystem.HCPCS for each in wanted):
        fix = "Send the line's HCPCS code, with the NDC as its ndc."
        return _Condition("code", None, (asked.at("ndc"), asked.at("code")), fix)
    return _Condition("code", told == {True}, asked.code_fields, data=file)


def _age(born: date, on: date) -> int:
    return on.year - born.year - ((on.month, on.day) < (born.month, born.day))
