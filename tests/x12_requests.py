"""Any valid request as X12 may have to say it: those of ``tests.strategies`` with everything a caller may add.

Text holds what is hard for X12: delimiters, accents, Greek, typographic signs, scripts without a Latin counterpart.
"""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from gateway.model.request import PARequest
from tests.strategies import Json, days
from tests.strategies import requests as plain_requests

_HARD = "abcxyzABCXYZ019 .,-'()/%+=;:*~^<>|_&#@éñüßłøαβµ≥≤–“”°東京"


def text(longest: int) -> st.SearchStrategy[str]:
    return st.text(_HARD, min_size=1, max_size=longest).map(str.strip).filter(bool)


def ident() -> st.SearchStrategy[str]:
    """Somebody's number; one in ten cannot travel unchanged."""
    return st.integers(0, 9999).map(lambda value: f"N*{value}é" if value % 10 == 9 else f"N-{value}")


def parts(required: Json, **optional: Any) -> st.SearchStrategy[Json]:
    return st.fixed_dictionaries(required, optional=optional)


dates = days().map(str)
ndcs = st.from_regex(r"[0-9]{11}", fullmatch=True)
codes = st.from_regex(r"[A-Z][0-9][0-9A-Z](\.[0-9A-Z]{1,4})?", fullmatch=True)
origins = st.fixed_dictionaries({"kind": st.just("caller"), "reference": ident()})

facts = parts(
    {},
    stage=st.lists(
        parts({}, group=st.just("IVB"), t=st.sampled_from(["T3", "3"]), n=text(10), edition=text(20), staged_on=dates),
        max_size=2,
    ),
    biomarkers=st.lists(
        parts({"marker": text(30)}, result=text(264), method=text(60), specimen_on=dates, origin=origins), max_size=2
    ),
    histology=st.lists(parts({"text": text(60)}, icd_o=st.just("8140/3")), max_size=1),
    performance=st.lists(
        parts({"scale": st.just("ecog"), "score": st.integers(0, 5)}, assessed_on=dates, origin=origins), max_size=1
    ),
    prior_therapies=st.lists(
        parts(
            {"drug": text(60), "outcome": st.sampled_from(["progression", "inadequate_response"])},
            started_on=dates,
            reason=text(264),
            dose=text(60),
            rxnorm=st.just("1234"),
        ),
        max_size=2,
    ),
    disease_activity=st.lists(
        parts({"instrument": st.just("das28_crp"), "score": st.floats(0, 9, width=16), "assessed_on": dates}),
        max_size=1,
    ),
    laboratories=st.lists(
        parts({"name": text(60), "result": text(60), "resulted_on": dates}, loinc=st.just("2345-7"), unit=text(20)),
        max_size=1,
    ),
    imaging=st.lists(
        parts({"modality": st.just("pet_ct"), "region": text(30), "finding": text(60), "performed_on": dates}),
        max_size=1,
    ),
    body=parts({}, height_cm=st.just(172.5), weight_kg=st.just(70.0), measured_on=dates, origin=origins),
    conservative_care=st.lists(parts({"kind": st.just("nsaid"), "outcome": text(30)}, started_on=dates), max_size=1),
    bone_density=st.lists(
        parts({"site": st.just("total_hip"), "t_score": st.floats(-5, 3, width=16)}, measured_on=dates), max_size=1
    ),
    site_needs=st.lists(
        parts({"kind": st.sampled_from(["infusion_reaction", "other"])}, text=text(60), observed_on=dates), max_size=1
    ),
    documents=st.lists(
        parts({"kind": st.sampled_from(["pathology_report", "other"])}, title=text(60), dated_on=dates), max_size=1
    ),
    comorbidities=st.lists(codes, max_size=3),
    prognosis=st.sampled_from(["poor", "terminal"]),
    summary=text(400),
)
regimens = parts(
    {"name": text(60), "intent": st.sampled_from(["palliative", "disease_control"])},
    line_of_therapy=st.integers(1, 20),
    cycle_days=st.just(21),
    cycles=st.just(6),
    cycle=st.integers(1, 6),
)
attachments = parts(
    {
        "kind": st.sampled_from(["clinical_notes", "pathology_report", "letter_of_medical_necessity", "other"]),
        "title": text(80),
        "media_type": st.just("application/pdf"),
        "content": st.just("JVBERi0xLjc="),
    },
    dated_on=dates,
)
more_coverage = parts(
    {
        "payer": st.just("another_payer"),
        "member_id": st.just("AP100"),
        "line_of_business": st.just("commercial"),
    },
    relationship=st.sampled_from(["self", "spouse"]),
)


@st.composite
def requests(draw: st.DrawFn) -> PARequest:
    """Any valid request."""
    value: Json = draw(plain_requests())
    coverage = value["coverages"][0] | draw(
        parts({}, plan=text(60), group_number=ident(), pharmacy=st.just({"bin": "123456"}))
    )
    value["coverages"] = draw(st.permutations([coverage, *draw(st.lists(more_coverage, max_size=1))]))
    if value["coverages"][0].get("relationship", "self") == "self":
        value.pop("subscriber", None)
    else:
        value.setdefault("subscriber", value["patient"])
    of_lines = [provider for line in value["lines"] for provider in line.get("servicing", ())]
    for person in (value["patient"], value["requester"], *value["servicing"], *of_lines):
        person["last_name"] = draw(st.just(person["last_name"]) | text(59).map(lambda name: f"{name}z"))
        person |= draw(parts({}, first_name=text(35)))
    for number in {"previous_authorization", "previous_review"} & value.keys():
        value[number] = draw(ident())
    contact = parts(
        {},
        name=text(60),
        phone=st.just("2155550100"),
        extension=st.just("12"),
        fax=st.just("2155550101"),
        email=st.sampled_from(["desk@example.org", "a~b@example.org"]),
    )
    value["requester"] |= draw(parts({}, contact=contact))
    value["site"] |= draw(parts({}, facility_name=text(60)))
    for diagnosis in value["diagnoses"]:
        diagnosis |= draw(parts({}, onset=dates))
    for line in value["lines"]:
        if line["code"]["system"] != "ndc":
            line |= draw(parts({}, ndc=ndcs))
        line |= draw(parts({}, dose=text(60), description=text(80)))
    held = draw(st.lists(attachments, max_size=20))
    told = value.get("facts", {}) | draw(facts)
    documents = [{"id": f"doc-{n}"} | item for n, item in enumerate(held)]
    return PARequest.model_validate(
        value
        | {"facts": told, "attachments": documents}
        | draw(parts({}, regimen=regimens, note=text(400), previous_authorization=ident()))
    )
