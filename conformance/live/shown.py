"""What of a message may be shown: what is on the lists here, and of all else only its length.

On them are codes, times and control numbers, and the names of fields. What is on none is somebody's until the contrary
is proved: whatever a payer puts where nobody expects it is blotted out. Knows no people, no carriers and no reports.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from html import unescape

from conformance.live.documents import NoInterchange, read_document
from conformance.live.envelopes import FIELDS, SOAP_11, SOAP_12

BLOT = "\u2588"


def _names(text: str) -> frozenset[str]:
    return frozenset(text.split())


_BLANKS = "\ufeff \t\r\n"
_WORD = re.compile(r"[\w.:+-]{0,64}", re.ASCII)
_SECRET = re.compile(r"\[secret [\w-]+\]")
_SOAP_CODES = re.compile(
    r"(?:[a-z-]{1,8}\d{0,2}:)?(?:Sender|Receiver|Client|Server|VersionMismatch|MustUnderstand|DataEncodingUnknown|"
    r"UnAuthorized|FailedAuthentication|InvalidSecurity|InvalidSecurityToken|FailedCheck)",
    re.IGNORECASE,
)
_FIELDS = frozenset(FIELDS) - {"Payload", "ErrorMessage"}
_CREDENTIALS = frozenset({"Username", "UserName", "Password"})
_ELEMENTS = frozenset(FIELDS) | _names(
    "Envelope Header Body Fault Code Subcode Value Reason Text Node Role Detail faultcode faultstring faultactor "
    "detail COREEnvelopeRealTimeRequest COREEnvelopeRealTimeResponse Security UsernameToken Username Password Include "
    "html head title body h1 h2 h3 p div span br hr center pre a b em strong table tr td th ul li"
)
_NAMESPACES = frozenset(
    {
        SOAP_11,
        SOAP_12,
        "http://www.caqh.org/SOAP/WSDL/CORERule2.2.0.xsd",
        "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd",
        "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-username-token-profile-1.0#PasswordText",
        "http://www.w3.org/2001/XMLSchema",
        "http://www.w3.org/2001/XMLSchema-instance",
        "http://www.w3.org/2004/08/xop/include",
    }
)
_MARKUP = re.compile(
    r"<!\[CDATA\[(?P<cdata>.*?)\]\]>|(?P<shown><\?xml version=['\"]1\.0['\"](?: encoding=['\"][\w-]+['\"])?\s*\?>|"
    r"<!doctype html>)|<(?P<end>/?)(?P<prefix>(?:[\w.-]+:)?)(?P<name>[\w.-]+)"
    r"(?P<attributes>(?:\s+[\w:.-]+\s*=\s*(?:\"[^\"]*\"|'[^']*'))*)\s*(?P<empty>/?)>|(?P<text>[^<]+)|<",
    re.DOTALL | re.IGNORECASE,
)
_ATTRIBUTE = re.compile(r"""([\w:.-]+\s*=\s*["'])([^"']*)(["'])""")
_PREFIX = re.compile(r"(?:[a-z-]{1,8}\d{0,2}:)?")
_IN_XML = re.compile(r"&(?:#\d{1,7}|#x[0-9a-f]{1,6}|[a-z]{1,6});|\r\n|.", re.DOTALL | re.IGNORECASE)

_MEMBERS = _names(
    "fromDate toDate code qualifierCode quantity quantityTypeCode statusCode requestTypeCode serviceTypeCode "
    "placeOfServiceCode serviceLevelCode roleCode genderCode stateCode subscriberRelationshipCode specialtyCode npi "
    "referenceNumber certificationNumber certificationEffectiveDate certificationExpirationDate updatedDate "
    "revenueCode controlNumber transactionSet totalCount count offset limit"
)
"""Of JSON, those whose value is shown where it is a single word or a number."""
_NAMES = _MEMBERS | _names(
    "x12 payer subscriber patient requestingProvider renderingProviders diagnoses procedures statusReasons "
    "serviceReviews providerNotes payerNotes supplementalInformation validationMessages errors error id customerId "
    "memberId firstName lastName middleName name suffix birthDate addressLine1 addressLine2 city zipCode phone fax "
    "email emailAddress contactName message userMessage developerMessage errorMessage field status value type "
    "updatable deletable"
)
_JSON = re.compile(
    r'"(?P<string>(?:[^"\\]|\\.)*)"(?P<names>(?=\s*:))?|(?P<number>-?\d[\d.eE+-]*)|(?P<plain>true|false|null|[\s:]+)|'
    r"(?P<ends>[{}\[\],])|.",
    re.DOTALL,
)
_IN_JSON = re.compile(r"\\u[0-9a-f]{4}|\\.|.", re.DOTALL | re.IGNORECASE)
_SHORT = {"\\n": "\n", "\\r": "\r", "\\t": "\t", "\\b": "\b", "\\f": "\f"}

_PART_HEADER = re.compile(
    r"Content-Disposition: form-data; name=\"(?P<field>[A-Za-z]+)\"|"
    r"Content-Type: [\w.+-]+/[\w.+-]+(?:; ?charset=[\w-]+)?|"
    r"Content-Transfer-Encoding: (?:7bit|8bit|binary|base64|quoted-printable)",
    re.IGNORECASE,
)
_HEADERS: Mapping[str, re.Pattern[str]] = {
    "content-type": re.compile(r'[\w.+-]+/[\w.+-]+(?:; ?(?:charset|boundary|type|action|start)="?[^";\s]{0,80}"?)*'),
    "content-length": re.compile(r"\d+"),
    "content-encoding": _WORD,
    "transfer-encoding": _WORD,
    "connection": _WORD,
    "retry-after": re.compile(r"\d+"),
    "date": re.compile(r"[A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4} [\d:]{8} GMT"),
    "accept": re.compile(r"[\w.+/*-]+"),
    "soapaction": re.compile(r'"\w+"'),
    "www-authenticate": re.compile(
        r'(?:Basic|Bearer|Digest|Negotiate)(?:,? ?error="?(?:invalid_token|invalid_request|insufficient_scope)"?)?'
    ),
}

_ALL = tuple(range(1, 17))
_PLACES: Mapping[str, tuple[int, ...]] = {
    **dict.fromkeys(("GS", "ST", "SE", "GE", "IEA", "TA1", "BHT", "HL", "TRN", "AAA", "UM", "HCR", "HI", "DTP"), _ALL),
    **dict.fromkeys(("SV1", "SV2", "SV3", "HSD", "CL1", "PRV", "AK1", "AK2", "AK9", "IK3", "IK5"), _ALL),
    "ISA": (1, 3, *range(5, 17)),
    "DMG": (1, 3),
    "IK4": (1, 2, 3),
    "INS": (1, 2),
    "N4": (2,),
    "PER": (1, 3, 5, 7),
    "PWK": (1, 2, 5, 6),
    **dict.fromkeys(("NM1", "REF", "N1", "N2", "N3", "MSG", "LX", "CTX", "CR1", "CR2", "CR5", "CR6", "CRC", "DTM"), ()),
}
"""The elements of X12 that are shown, where no blank stands in them. Those of NM1 and REF hang on their codes."""
_PAYER_REFERENCES = frozenset({"BB", "NT"})
_MOST_COMPONENTS = 6
"""A seventh of SV101 and its like is a description."""


def blotted(text: str) -> str:
    return re.sub(r"\S", BLOT, text)


def shown(text: str) -> str:
    """A body, as long as it was."""
    body = text.lstrip(_BLANKS)
    lead = text[: len(text) - len(body)]
    return lead + (_parts(body) if body.startswith("--") else _whole(body))


def header(name: str, value: str) -> str:
    """The value of a header: of most nothing, not even how long it is."""
    pattern = _HEADERS.get(name.lower())
    return value if pattern is not None and pattern.fullmatch(value) else BLOT * 8


def interchange(text: str) -> str | None:
    """The X12 of a text, as long as it was; None where it holds none."""
    body = text.lstrip(_BLANKS)
    try:
        isa = read_document(body.encode("latin-1", "replace")).isa.decode("latin-1")
    except NoInterchange:
        return None
    lead = text[: len(text) - len(body)]
    return lead + isa[-1].join(_segment(piece, isa[3], isa[-2]) for piece in body.split(isa[-1]))


def _segment(text: str, element: str, component: str) -> str:
    body = text.lstrip(_BLANKS)
    lead = text[: len(text) - len(body)]
    values = body.split(element)
    if values[0] not in _PLACES:
        return lead + blotted(body)
    places = _places(values)
    kept = (_element(value, component) if place in places else blotted(value) for place, value in enumerate(values))
    return lead + values[0] + "".join(element + value for value in list(kept)[1:])


def _places(values: list[str]) -> tuple[int, ...]:
    word = [*values, *[""] * 10]
    if values[0] == "REF":
        return (1, 2) if word[1] in _PAYER_REFERENCES else (1,)
    if values[0] == "NM1":
        if word[1] in ("IL", "QC"):
            return (1, 2, 8)
        return (1, 2, 3, 8, 9) if word[2] == "2" else (1, 2, 8, 9) if word[8] == "XX" else (1, 2, 8)
    return _PLACES[values[0]]


def _element(value: str, component: str) -> str:
    if value.strip().count(" "):
        return blotted(value)
    parts = value.split(component)
    return component.join([*parts[:_MOST_COMPONENTS], *map(blotted, parts[_MOST_COMPONENTS:])])


def _whole(body: str) -> str:
    if body.startswith("<"):
        return _markup(body)
    if body.startswith(("{", "[")):
        return _json(body)
    return _leaf("", body, list(body), str)


def _leaf(name: str, raw: str, units: list[str], decoded: Callable[[str], str]) -> str:
    """What stands in a field. ``units`` are how each of its characters is spelt."""
    plain = interchange("".join(decoded(unit) for unit in units))
    if plain is not None:
        return "".join(BLOT if char == BLOT else unit for unit, char in zip(units, plain, strict=True))
    value = raw.strip()
    if name in _FIELDS | _MEMBERS and _WORD.fullmatch(value):
        return raw
    if name in ("Value", "faultcode") and _SOAP_CODES.fullmatch(value):
        return raw
    if name in _CREDENTIALS and _SECRET.fullmatch(value):
        return raw
    return "".join(unit if unit.isspace() else BLOT for unit in units)


def _markup(text: str) -> str:
    """XML, or a page, whole or not: elements, and the text right behind one, where they are on the lists."""
    told, before = [], ""
    for found in _MARKUP.finditer(text):
        name, before = before, ""
        if found["shown"]:
            told.append(found[0])
        elif found["cdata"] is not None:
            told.append(f"<![CDATA[{_leaf(name, found['cdata'], list(found['cdata']), str)}]]>")
        elif found["text"]:
            told.append(_leaf(name, found["text"], _IN_XML.findall(found["text"]), _from_xml))
        elif found["name"]:
            told.append(_tag(found))
            before = "" if found["end"] or found["empty"] else found["name"]
        else:
            told.append(BLOT)
    return "".join(told)


def _tag(found: re.Match[str]) -> str:
    if found["name"] not in _ELEMENTS or not _PREFIX.fullmatch(found["prefix"]):
        return f"<{found['end']}{blotted(found[0][1 + len(found['end']) : -1])}>"
    start, end = found.span("attributes")
    attributes = _ATTRIBUTE.sub(_attribute, found["attributes"])
    return f"{found[0][: start - found.start()]}{attributes}{found[0][end - found.start() :]}"


def _attribute(found: re.Match[str]) -> str:
    return found[0] if found[2] in _NAMESPACES else blotted(found[0])


def _from_xml(unit: str) -> str:
    told = "\n" if unit in ("\r", "\r\n") else unescape(unit) if len(unit) > 1 else unit
    return told if len(told) == 1 else "?"


def _json(text: str) -> str:
    """JSON, whole or not: names of members, and the value that stands right behind one."""
    told, before = [], ""
    for found in _JSON.finditer(text):
        inside = found["string"]
        if found["plain"]:
            told.append(found[0])
            continue
        name, before = before, ""
        if inside is not None and found["names"] is not None:
            before = inside
            told.append(found[0] if inside in _NAMES else f'"{blotted(inside)}"')
        elif inside is not None:
            told.append(f'"{_leaf(name, inside, _IN_JSON.findall(inside), _from_json)}"')
        elif found["number"] and name in _MEMBERS:
            told.append(found[0])
        else:
            told.append(found[0] if found["ends"] else blotted(found[0]))
    return "".join(told)


def _from_json(unit: str) -> str:
    if len(unit) == 6:
        return chr(int(unit[2:], 16))
    return _SHORT.get(unit, unit[-1])


def _parts(text: str) -> str:
    """A form, or a message of parts: the boundary stands in its first line."""
    boundary = text.split("\n", 1)[0].rstrip("\r")
    if not re.fullmatch(r"--[\w'()+,./:=?-]{1,72}", boundary):
        return blotted(text)
    _, *pieces = text.split(boundary)
    return "".join(f"{boundary}{_part(piece)}" for piece in pieces)


def _part(piece: str) -> str:
    break_ = re.search(r"\r?\n\r?\n", piece)
    if break_ is None:
        return piece if re.fullmatch(r"(?:--)?\s*", piece) else blotted(piece)
    name, lines = "", []
    for line in re.split(r"(\r?\n)", piece[: break_.start()]):
        found = _PART_HEADER.fullmatch(line)
        field = found["field"] if found else None
        known = found is not None and (field is None or field in _ELEMENTS | _CREDENTIALS)
        name = field or name
        lines.append(line if known else blotted(line))
    content = piece[break_.end() :]
    kept = _leaf(name, content, list(content), str) if name else _whole(content)
    return "".join(lines) + break_[0] + kept
