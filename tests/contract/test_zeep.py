"""What this project relies on in zeep, some of it private: an upgrade that changes it fails here, not in the field."""

from __future__ import annotations

from importlib.metadata import version

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from adapters.x12_278.carriers import core_codec
from gateway.contract.frames import Secret

FIELDS = {
    "PayloadType": "T",
    "ProcessingMode": "RealTime",
    "PayloadID": "I",
    "TimeStamp": "Z",
    "SenderID": "S",
    "ReceiverID": "R",
    "CORERuleVersion": "2.2.0",
    "Payload": "a\r\n<&",
}


def test_zeep_is_of_the_line_this_was_written_for() -> None:
    assert version("zeep").startswith("4.3.")


def test_zeep_writes_exactly_this_envelope() -> None:
    body, headers = core_codec.write(FIELDS, ("user", "pass"))
    assert body == (
        b"<?xml version='1.0' encoding='utf-8'?>\n"
        b'<soap-env:Envelope xmlns:soap-env="http://www.w3.org/2003/05/soap-envelope"><soap-env:Header>'
        b'<wsse:Security xmlns:wsse="http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd">'
        b"<wsse:UsernameToken><wsse:Username>",
        Secret("user", "xml"),
        b"</wsse:Username><wsse:Password "
        b'Type="http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-username-token-profile-1.0#PasswordText">',
        Secret("pass", "xml"),
        b"</wsse:Password></wsse:UsernameToken></wsse:Security></soap-env:Header><soap-env:Body>"
        b'<ns0:COREEnvelopeRealTimeRequest xmlns:ns0="http://www.caqh.org/SOAP/WSDL/CORERule2.2.0.xsd">'
        b"<PayloadType>T</PayloadType><ProcessingMode>RealTime</ProcessingMode><PayloadID>I</PayloadID>"
        b"<TimeStamp>Z</TimeStamp><SenderID>S</SenderID><ReceiverID>R</ReceiverID>"
        b"<CORERuleVersion>2.2.0</CORERuleVersion><Payload>a&#13;\n&lt;&amp;</Payload>"
        b"</ns0:COREEnvelopeRealTimeRequest></soap-env:Body></soap-env:Envelope>",
    )
    assert dict(headers) == {
        "SOAPAction": '"RealTimeTransaction"',
        "Content-Type": 'application/soap+xml; charset=utf-8; action="RealTimeTransaction"',
    }


@given(st.dictionaries(st.sampled_from(sorted(FIELDS)), st.text(), min_size=1))
def test_any_text_is_written_as_zeep_writes_it_or_refused_as_zeep_refuses_it(changed: dict[str, str]) -> None:
    fields = FIELDS | changed
    zeep = core_codec._zeep(False)
    try:
        envelope, _ = zeep.binding._create(core_codec.OPERATION, (), dict(fields), client=zeep.client, options={})
    except ValueError:
        with pytest.raises(ValueError, match="cannot carry"):
            core_codec.write(fields, None)
        return
    assert core_codec.write(fields, None)[0] == (etree.tostring(envelope, xml_declaration=True, encoding="utf-8"),)


def test_zeep_reads_what_is_there_and_leaves_empty_what_is_not() -> None:
    response = core_codec.read(
        etree.fromstring(
            b'<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope"><s:Body><c:COREEnvelopeRealTimeResponse '
            b'xmlns:c="http://www.caqh.org/SOAP/WSDL/CORERule2.2.0.xsd"><ErrorCode>E</ErrorCode><Payload> p\n</Payload>'
            b"<SenderID/></c:COREEnvelopeRealTimeResponse></s:Body></s:Envelope>"
        )
    )
    assert {name: value for name, value in response.fields.items() if value is not None} == {
        "ErrorCode": "E",
        "Payload": " p\n",
    }
