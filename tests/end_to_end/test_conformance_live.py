"""A payer's endpoint exercised by the command: all is well with the strict simulator, and each deviation is named."""

from __future__ import annotations

import asyncio
import json
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from shutil import copytree

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID
from lxml import etree

from conformance.bench import MAPPINGS
from conformance.live.command import Wanted, hold
from conformance.live.page import as_html
from conformance.simulators.deviations import Deviation
from conformance.verdict import Verdict
from tests.end_to_end.live_material import (
    BLUESTEM,
    CEDAR,
    DOGWOOD,
    EVERGREEN,
    FERNBROOK,
    SECRETS,
    Door,
    filed,
    moved,
    on_a_thread,
    payer_that,
    unkept,
)

UNREAD = {"PP-03", "PP-05", "PP-06"}
"""What follows where no answer can be read: the gateway cannot read it, find the filing, or see it taken back."""


@pytest.fixture(autouse=True)
def credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in SECRETS.items():
        monkeypatch.setenv(name, value)


@pytest.mark.parametrize("door", [EVERGREEN, BLUESTEM, CEDAR, DOGWOOD, FERNBROOK], ids=lambda door: door[1])
async def test_nothing_fails_with_a_payer_that_keeps_to_everything_and_nothing_stays_on_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], door: Door
) -> None:
    xml, told, page = tmp_path / "run.xml", tmp_path / "run.json", tmp_path / "run.html"
    with payer_that(tmp_path) as payer:
        for name, value in moved(door, payer).items():
            monkeypatch.setenv(name, value)
        files = ["--junit", str(xml), "--json", str(told), "--html", str(page)]
        code = await on_a_thread(["run", "--live", door[0], "--payer", door[1], *files])
        filings = await payer.filings()
        outcomes = {filing["outcome"] for filing in await filed(payer)}
    assert code == 0, capsys.readouterr().out
    assert sum(filings.values()) == 2, "the third member is one that the payer does not know"
    assert outcomes == {"C"}
    result = json.loads(told.read_text())
    assert (result["filed"], result["cancelled"], result["on_file"]) == (2, 2, [])
    assert result["verdicts"]["pass"] >= 11
    assert result["verdicts"]["fail"] == result["verdicts"]["error"] == result["verdicts"]["skip"] == 0
    suite = etree.parse(xml).getroot()[0]
    assert suite.get("failures") == suite.get("errors") == "0"
    text = page.read_text()
    assert "Nothing failed." in text
    for secret in (*SECRETS.values(), "Testperson", "SIMAPPROVE90", "19610412", "1961-04-12", "Nowhere"):
        if secret != "gateway":  # the user name is a word of the page
            assert secret not in text
            assert secret not in told.read_text()
    assert "<script" not in text


DEVIATIONS: list[tuple[Deviation, Door, str, set[str]]] = [
    (Deviation.QUALIFIED_CHILDREN, EVERGREEN, "RT-01", set()),
    (Deviation.SOAP_11, EVERGREEN, "RT-02", set()),
    (Deviation.PAYLOAD_TYPE, EVERGREEN, "RT-03", set()),
    (Deviation.PAYLOAD_ID, EVERGREEN, "RT-10", set()),
    (Deviation.PAYLOAD_ID, CEDAR, "RT-10", set()),
    (Deviation.PARTIES, EVERGREEN, "RT-10", set()),
    (Deviation.ERROR_CODE, EVERGREEN, "RT-12", UNREAD),
    (Deviation.ERROR_CODE, CEDAR, "RT-12", UNREAD),
    (Deviation.HTML, EVERGREEN, "RT-15", UNREAD),
    (Deviation.ANY_PASSWORD, EVERGREEN, "AU-01", set()),
    (Deviation.ANY_PASSWORD, CEDAR, "AU-01", set()),
    (Deviation.ANY_PASSWORD, DOGWOOD, "AU-01", {"AU-05"}),
    (Deviation.CONTROL_NUMBER, EVERGREEN, "EN-03", {"GU-01", *UNREAD}),
    (Deviation.COUNT, EVERGREEN, "EN-03", {"GU-01", *UNREAD}),
    (Deviation.COUNT, DOGWOOD, "EN-03", {"GU-01", *UNREAD}),
    (Deviation.PRODUCTION, EVERGREEN, "EN-05", set()),
    (Deviation.TRACE, EVERGREEN, "AK-01", {"PP-03", "PP-04", "PP-06"}),
    (Deviation.SMALL_CODES, EVERGREEN, "GU-01", {"RE-04", "PP-04"}),
    (Deviation.ERROR_PAGE, EVERGREEN, "RT-15", set()),
    (Deviation.NO_NUMBER, EVERGREEN, "PP-07", set()),
    (Deviation.SAME_CONTROL, EVERGREEN, "EN-06", set()),
    (Deviation.OLD_DATE, EVERGREEN, "EN-09", set()),
    (Deviation.OTHER_HOST, FERNBROOK, "RE-03", {"PP-03"}),
]
"""What deviates, where it is seen, the assertion that names it, and what follows from it. Nothing else may be named."""


@pytest.mark.parametrize(
    ("deviation", "door", "assertion", "follows"), DEVIATIONS, ids=[f"{each[0]}-{each[1][1]}" for each in DEVIATIONS]
)
def test_a_deviation_is_named_by_its_assertion_and_nobody_is_accused_of_more(
    tmp_path: Path, deviation: Deviation, door: Door, assertion: str, follows: set[str]
) -> None:
    with payer_that(tmp_path, "--deviate", deviation) as payer:
        run, mask = hold(Wanted(MAPPINGS, door[1], door[0], None, True), moved(door, payer))
    assert unkept(run) == {assertion, *follows}
    (named,) = [each for each in run.judgements if each.assertion.id == assertion]
    assert named.verdict is Verdict.FAIL
    page = as_html(run, mask)
    assert f'id="{assertion}"' in page
    assert named.assertion.source in page
    shown = {check.message for check in named.told()}
    assert shown
    assert all(f'id="message-{number}"' in page for number in shown)


@pytest.mark.proves("RT-16")
def test_answers_that_come_after_twenty_seconds_are_named(tmp_path: Path) -> None:
    with payer_that(tmp_path, "--deviate", Deviation.SLOW, "--slow-seconds", "0.3") as payer:
        wanted = Wanted(MAPPINGS, EVERGREEN[1], EVERGREEN[0], None, True)
        run, _ = hold(wanted, moved(EVERGREEN, payer), longest=0.2)
    assert unkept(run) == {"RT-16"}


def test_an_answer_under_an_error_s_status_is_named(tmp_path: Path) -> None:
    with payer_that(tmp_path, "--deviate", Deviation.STATUS) as payer:
        run, _ = hold(Wanted(MAPPINGS, CEDAR[1], CEDAR[0], None, False), moved(CEDAR, payer))
    assert {"RT-15"} <= unkept(run) <= {"RT-15", *UNREAD}


@pytest.mark.parametrize(("deviation", "named"), [([], set()), (["--deviate", "old_tls"], {"AU-03"})])
def test_a_payer_that_speaks_tls_1_1_is_named_and_one_that_does_not_is_not(
    tmp_path: Path, deviation: list[str], named: set[str]
) -> None:
    certificate, key = self_signed(tmp_path)
    mappings = encrypted(tmp_path, f"ca: {certificate}")
    with payer_that(tmp_path, "--tls-cert", str(certificate), "--tls-key", str(key), *deviation) as payer:
        run, _ = hold(Wanted(mappings, EVERGREEN[1], EVERGREEN[0], None, True), moved(EVERGREEN, payer))
    assert unkept(run) == named
    (judged,) = [each for each in run.judgements if each.assertion.id == "AU-03"]
    assert judged.verdict is (Verdict.FAIL if named else Verdict.PASS)


@pytest.mark.parametrize(("asked", "named"), [(True, set()), (False, {"AU-02"})])
def test_a_payer_that_asks_for_a_client_certificate_asks_everybody(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, asked: bool, named: set[str]
) -> None:
    certificate, key = self_signed(tmp_path)
    monkeypatch.setenv("GATEWAY_SECRET_OUR_CERTIFICATE", certificate.read_text() + key.read_text())
    mappings = encrypted(tmp_path, f"ca: {certificate}", "client_certificate: our-certificate")
    asks = ["--client-ca", str(certificate)] if asked else []
    with payer_that(tmp_path, "--tls-cert", str(certificate), "--tls-key", str(key), *asks) as payer:
        run, mask = hold(Wanted(mappings, EVERGREEN[1], EVERGREEN[0], None, True), moved(EVERGREEN, payer))
    assert unkept(run) == named
    (judged,) = [each for each in run.judgements if each.assertion.id == "AU-02"]
    assert judged.verdict is (Verdict.FAIL if named else Verdict.PASS)
    assert "PRIVATE KEY" not in as_html(run, mask)


def encrypted(folder: Path, *tls: str) -> Path:
    """The project's profiles, with TLS to the simulated clearinghouse."""
    mappings = folder / "mappings"
    copytree(MAPPINGS, mappings)
    profile = mappings / "connections" / "demo_clearinghouse.yaml"
    text = profile.read_text().replace("endpoint: http:", "endpoint: https:")
    profile.write_text("\n  ".join([f"{text}tls:", *tls]) + "\n")
    return mappings


async def test_no_wrong_credential_is_shown_where_nobody_wants_it(tmp_path: Path) -> None:
    with payer_that(tmp_path) as payer:
        wanted = Wanted(MAPPINGS, EVERGREEN[1], EVERGREEN[0], None, False)
        run, _ = await asyncio.to_thread(hold, wanted, moved(EVERGREEN, payer))
        refused = [entry for entry in await payer.exchanges() if "UnAuthorized" in entry["outcome"]]
    assert refused == []
    (judged,) = [each for each in run.judgements if each.assertion.id == "AU-01"]
    assert judged.verdict is Verdict.OMIT


def test_a_payer_that_cannot_be_reached_is_an_error_and_no_failure_of_its_own(tmp_path: Path) -> None:
    with payer_that(tmp_path) as payer:
        gone = moved(EVERGREEN, payer)
    run, _ = hold(Wanted(MAPPINGS, EVERGREEN[1], EVERGREEN[0], None, True), gone)
    assert unkept(run) == {"RT-15", "PP-03"}
    assert {each.verdict for each in run.judgements} == {Verdict.ERROR, Verdict.SKIP, Verdict.OMIT}
    assert run.filed == 0


def self_signed(folder: Path) -> tuple[Path, Path]:
    """A certificate for this machine, and its key, as PEM files."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "simulated payer")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    certificate, private = folder / "payer.pem", folder / "payer.key"
    certificate.write_bytes(made.public_bytes(Encoding.PEM))
    private.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    return certificate, private
