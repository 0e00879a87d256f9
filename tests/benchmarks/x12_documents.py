"""278 requests of two versions, as alike as can be: 005010X217, and 004010X094A1, of which pyx12 ships a map."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random

NEW, OLD = "005010X217", "004010X094A1"
_OPTIONAL = (
    b"REF*EI*123456789~\n",
    b"N3*1 SAMPLE STREET~\nN4*SAMPLETOWN*OH*43017~\n",
    b"PER*IC*DESK*TE*5550100199~\n",
    b"DMG*D8*19700101*F~\n",
    b"DTP*472*D8*20261201~\n",
    b"NM1*SJ*2*SAMPLE CLINIC*****XX*1234567893~\n",
)


def interchange(guide: str, count: int, services: int = 2) -> Iterator[bytes]:
    """An interchange of so many requests, a request at a time."""
    repetition, version = ("^", "00501") if guide == NEW else ("U", "00401")
    addresses = f"ZZ*{'PAYERGW':15}*ZZ*{'EVERGREEN':15}"
    yield f"ISA*00*{'':10}*00*{'':10}*{addresses}*261124*1004*{repetition}*{version}*000000043*0*T*:~\n".encode()
    yield f"GS*HI*PAYERGW*EVERGREEN*20261124*1004*43*X*{guide}~\n".encode()
    for number in range(1, count + 1):
        yield transaction(guide, number, services)
    yield f"GE*{count}*43~\nIEA*1*000000043~\n".encode()


def shapes(size: int) -> Iterator[bytes]:
    """An interchange of requests, of about so many bytes in all, each of other segments than those before: of up to 400
    services, of which another has a former number each time round."""
    isa, gs, trailer = interchange(NEW, 0)
    yield isa
    yield gs
    number = 0
    while size > 0:
        turn, services = divmod(number, 400)
        number += 1
        whole = transaction(NEW, number, services + 1, former=turn)
        size -= len(whole)
        yield whole
    yield trailer.replace(b"GE*0*", b"GE*%d*" % number)


def one_request(size: int) -> Iterator[bytes]:
    """An interchange of one request, of about so many bytes, for as many services as they hold."""
    isa, gs, trailer = interchange(NEW, 0)
    head, _, rest = transaction(NEW, 1).partition(b"HL*5*")
    one, end = rest.partition(b"HL*6*")[0], rest.partition(b"SE*")[2].partition(b"*")[2]
    services = size // len(b"HL*00000*" + one)
    yield isa + gs + head
    yield from (b"HL*%d*%s" % (number, one) for number in range(5, 5 + services))
    yield b"SE*%d*%s" % (head.count(b"~") + services * one.count(b"~") + 1, end)
    yield trailer.replace(b"GE*0*", b"GE*1*")


def varied(size: int, warned: bool = False) -> Iterator[bytes]:
    """An interchange of about so many bytes of requests that differ as those of many senders do: in length, in what
    they leave out, in their codes. ``warned`` each lacks the date of an admission, against which a rule warns."""
    draw = Random(1)  # noqa: S311 - the same each time
    isa, gs, trailer = interchange(NEW, 0)
    yield isa
    yield gs
    number = 0
    while size > 0:
        number += 1
        whole = transaction(NEW, number, draw.randint(0, 6), draw.choice((0, 1)))
        for segment in _OPTIONAL:
            if draw.random() < 0.4:
                whole = whole.replace(segment, b"")
        codes = b"*ABF:".join(
            b"%c%02d%d" % (draw.choice(b"CEIJKMNRSZ"), *draw.choices(range(10), k=2))
            for _ in range(draw.randint(1, 12))
        )
        whole = whole.replace(b"ABK:C3411*ABF:C7801", b"ABK:" + codes)
        if warned:
            whole = whole.replace(b"UM*HS", b"UM*AR")
        before, _, behind = whole.rpartition(b"SE*")
        whole = before + b"SE*%d*" % whole.count(b"~") + behind.partition(b"*")[2]
        size -= len(whole)
        yield whole
    yield trailer.replace(b"GE*0*", b"GE*%d*" % number)


def transaction(guide: str, number: int, services: int = 2, former: int = 0) -> bytes:
    """A request for so many services. Patients, numbers and traces are others each time."""
    new = guide == NEW
    diagnosis, provider = "HI*ABK:C3411*ABF:C7801", "NM1*SJ*2*SAMPLE CLINIC*****XX*1234567893"
    segments = [
        f"ST*278*{number:06d}{f'*{guide}' if new else ''}",
        f"BHT*{'0007' if new else '0078'}*13*SUB{number:06d}*20261124*1004",
        "HL*1**20*1",
        "NM1*X3*2*SAMPLE PLAN*****PI*EVERGREEN",
        "HL*2*1*21*1",
        "NM1*1P*1*SAMPLETON*ORLA****XX*1234567893",
        "REF*EI*123456789",
        "N3*1 SAMPLE STREET",
        "N4*SAMPLETOWN*OH*43017",
        "PER*IC*DESK*TE*5550100199",
        "HL*3*2*22*1",
        *([] if new else ["HI*BF:1629"]),
        f"NM1*IL*1*TESTPERSON*ADA{number}****MI*SIMCASE{number:06d}",
        "DMG*D8*19700101*F",
        f"HL*4*3*{'EV' if new else '19'}*1",
        *([f"TRN*1*EVENT{number:06d}*1999999999", "UM*HS*I*1*11:B*****Y", diagnosis, provider] if new else [provider]),
    ]
    for service in range(1, services + 1):
        segments += [
            f"HL*{4 + service}*4*SS*0",
            f"TRN*1*LINE{service}{number:06d}*1999999999",
            *([] if new else ["UM*HS*I*1*11:B*****Y"]),
            *(["REF*BB*AUTH0001"] if service == former else []),
            "DTP*472*D8*20261201",
            *(["SV1*HC:J9271**UN*200"] if new else ["HI*BO:J9271::::200"]),
        ]
    segments.append(f"SE*{len(segments) + 1}*{number:06d}")
    return "".join(f"{segment}~\n" for segment in segments).encode()


def size_of(guide: str) -> int:
    """Bytes of one request."""
    return len(transaction(guide, 1))
