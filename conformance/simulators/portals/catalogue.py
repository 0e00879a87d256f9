"""What can be asked for on the portals: procedures (HCPCS Level II), diagnoses (ICD-10-CM), places. Data only.

The codes are published by CMS; the words are our own.
"""

from __future__ import annotations

PROCEDURES = {
    "J0129": "Abatacept, 10 mg",
    "J0139": "Adalimumab, 1 mg",
    "J0897": "Denosumab, 1 mg",
    "J1100": "Dexamethasone, 1 mg",
    "J1453": "Fosaprepitant, 1 mg",
    "J1602": "Golimumab for infusion, 1 mg",
    "J1745": "Infliximab, 10 mg",
    "J3262": "Tocilizumab, 1 mg",
    "J3380": "Vedolizumab, 1 mg",
    "J3490": "Drug without a code of its own",
    "J3590": "Biologic without a code of its own",
    "Q5103": "Infliximab-dyyb, 10 mg",
    "Q5142": "Adalimumab-ryvk, 1 mg",
    "C3411": "Made-up outpatient item",
    "J8521": "Capecitabine by mouth, 150 mg",
    "J8522": "Capecitabine by mouth, 50 mg",
    "J8999": "Cancer drug by mouth without a code",
    "J9000": "Doxorubicin, 10 mg",
    "J9035": "Bevacizumab, 10 mg",
    "J9045": "Carboplatin, 50 mg",
    "J9271": "Pembrolizumab, 1 mg",
    "J9272": "Dostarlimab, 10 mg",
    "J9305": "Pemetrexed, 10 mg",
    "J9312": "Rituximab, 10 mg",
    "J9355": "Trastuzumab, 10 mg",
    "J9999": "Cancer drug without a code of its own",
    "Q0162": "Ondansetron by mouth, 1 mg",
    "E0601": "Airway pressure device",
    "E1390": "Oxygen concentrator",
}
DIAGNOSES = {
    "C34.11": "Cancer of the upper lobe, right lung",
    "C34.12": "Cancer of the upper lobe, left lung",
    "C34.90": "Cancer of a lung, side not told",
    "C50.911": "Cancer of the right breast, site not told",
    "C50.919": "Cancer of a breast, site not told",
    "C50.412": "Cancer of the left breast, upper outer part",
    "C78.01": "Spread to the right lung",
    "C79.31": "Spread to the brain",
    "C79.51": "Spread to bone",
    "C83.30": "Large B-cell lymphoma, site not told",
    "E11.9": "Type 2 diabetes without complications",
    "L40.59": "Other psoriatic arthritis",
    "M05.79": "Rheumatoid arthritis with factor, several sites",
    "M06.09": "Rheumatoid arthritis without factor, several sites",
    "M06.9": "Rheumatoid arthritis, kind not told",
    "M08.00": "Juvenile rheumatoid arthritis, kind not told",
    "M17.0": "Arthrosis of both knees",
    "M17.11": "Arthrosis of the right knee",
    "M25.561": "Pain in the right knee",
    "Z17.0": "Estrogen receptor positive",
    "Z51.11": "Visit for chemotherapy",
    "Z79.899": "Other long-term drug",
}
PLACES = {
    "11": "Office",
    "12": "Home",
    "19": "Off-campus outpatient hospital",
    "22": "On-campus outpatient hospital",
    "49": "Independent clinic",
}
SERVICE_TYPES = {
    "infusion": "Drug infusion or injection",
    "oncology": "Cancer treatment",
    "equipment": "Medical equipment",
}
DOCUMENT_KINDS = {
    "notes": "Chart notes",
    "labs": "Laboratory results",
    "letter": "Letter of medical necessity",
    "imaging": "Imaging report",
    "other": "Other",
}


def found(listed: dict[str, str], query: str, most: int = 12) -> list[tuple[str, str]]:
    """Entries whose code begins with the query or whose words hold it, by code."""
    asked = query.strip().upper()
    return [
        (code, words)
        for code, words in sorted(listed.items())
        if code.startswith(asked) or code.replace(".", "").startswith(asked) or asked in words.upper()
    ][:most]


def procedures_of(service_type: str) -> dict[str, str]:
    """The procedures that a service type offers."""
    return {code: words for code, words in PROCEDURES.items() if _type(code) == service_type}


def _type(code: str) -> str:
    if code.startswith(("J9", "J8")):
        return "oncology"
    return "equipment" if code.startswith("E") else "infusion"
