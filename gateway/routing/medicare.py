"""Rule: what is taken by mouth and Medicare pays for all the same under Part B. It comes before who supplies it: such a
drug is dispensed by a pharmacy and is of the medical benefit."""

from __future__ import annotations

from collections.abc import Iterator

from gateway.model.line import CodeSystem, ServiceCode
from gateway.model.people import LineOfBusiness
from gateway.profiles.part_b import OralAnticancer, OralAntiemetic
from gateway.routing.asked import LINE_OF_BUSINESS, Asked, Found, asks, decides, names, passes
from gateway.routing.decision import Rule

_OF_MEDICARE = (LineOfBusiness.MEDICARE_ADVANTAGE, LineOfBusiness.MEDICARE_PART_D)
_HOURS = 48


def part_b_or_d(asked: Asked) -> Found:
    """Decides for drugs of the lists only."""
    if asked.business not in _OF_MEDICARE:
        return passes(Rule.MEDICARE_PART_B, "The coverage is not Medicare's.", (LINE_OF_BUSINESS,))
    read = (LINE_OF_BUSINESS, *asked.code_fields, asked.at("dates/start"))
    codes, crossed = _codes(asked)
    for row, drug in _rows(asked):
        if names(drug.codes, codes):
            data = (row, *crossed)
            return (
                _anticancer(asked, drug, read, data)
                if isinstance(drug, OralAnticancer)
                else _antiemetic(asked, read, data)
            )
    says = "The line names no drug that Part B pays for when it is taken by mouth."
    return passes(Rule.MEDICARE_PART_B, says, read, data=crossed)


def _codes(asked: Asked) -> tuple[tuple[ServiceCode, ...], tuple[str, ...]]:
    """The line's own codes, and those its product is billed under; and the crosswalk that told these."""
    found = asked.reference.crosswalk(asked.service_day)
    if found is None:
        return asked.codes, ()
    file, crosswalk = found
    told = tuple(
        product.code for code in asked.codes if code.system is CodeSystem.NDC for product in crosswalk.of(code)
    )
    return (*asked.codes, *told), (file,) if told else ()


def _rows(asked: Asked) -> Iterator[tuple[str, OralAnticancer | OralAntiemetic]]:
    for each in asked.reference.part_b:
        for place, one in enumerate(each.anticancer):
            if one.effective.holds(asked.service_day):
                yield f"{each.list}#/anticancer/{place}", one
        for place, other in enumerate(each.antiemetics):
            if other.effective.holds(asked.service_day):
                yield f"{each.list}#/antiemetics/{place}", other


def _anticancer(asked: Asked, drug: OralAnticancer, read: tuple[str, ...], data: tuple[str, ...]) -> Found:
    inputs = (*read, *asked.diagnosis_fields)
    covered = asked.is_for(drug.indications)
    if covered is None:
        says = (
            "Part B pays for this oral anticancer drug in some indications, and the line does not say which it is for."
        )
        fix = "Send in the line's diagnoses which of the request's diagnoses it is for."
        return asks(Rule.MEDICARE_PART_B, says, fix, asked.at("diagnoses"), inputs, data)
    if covered:
        says = "Part B pays for this drug by mouth, as for the injectable of the same ingredient and indication."
        return decides(Rule.MEDICARE_PART_B, "medical", says, inputs, "A diagnosis outside these indications.", data)
    says = "Part B pays for this drug by mouth in other indications only, so it is Part D's."
    return decides(Rule.MEDICARE_PART_B, "pharmacy", says, inputs, "A diagnosis among Part B's indications.", data)


def _antiemetic(asked: Asked, read: tuple[str, ...], data: tuple[str, ...]) -> Found:
    told, field = asked.line.antiemetic, asked.at("antiemetic")
    if told is None:
        says = f"Part B pays for this antiemetic only in full place of the intravenous one, within {_HOURS} hours."
        fix = "Send the line's antiemetic: replaces_intravenous, and last_dose_hours after the chemotherapy."
        return asks(Rule.MEDICARE_PART_B, says, fix, field, read, data)
    inputs = (*read, f"{field}/replaces_intravenous", f"{field}/last_dose_hours")
    if told.replaces_intravenous and told.last_dose_hours <= _HOURS:
        says = f"It fully replaces the intravenous antiemetic within {_HOURS} hours, so it is Part B's."
        otherwise = f"A dose beyond {_HOURS} hours, or an intravenous antiemetic besides."
        return decides(Rule.MEDICARE_PART_B, "medical", says, inputs, otherwise, data)
    says = f"It does not fully replace the intravenous antiemetic within {_HOURS} hours, so it is Part D's."
    otherwise = f"Full replacement, with the last dose within {_HOURS} hours."
    return decides(Rule.MEDICARE_PART_B, "pharmacy", says, inputs, otherwise, data)
