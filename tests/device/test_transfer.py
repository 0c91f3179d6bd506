"""Downloads as the device sees them (CHECKLIST T)."""

from __future__ import annotations

import pytest

from cpesim.cwmp import names
from cpesim.cwmp.names import FILE_TYPES
from cpesim.device.behaviour.files.ending import word
from cpesim.device.behaviour.files.upgrade import version
from cpesim.device.catalog import load_profile
from cpesim.device.device import DARK, Device
from cpesim.device.transfer import Transfer
from tests.factory import ROOT, SERVER, hold, make_device, make_profile
from tests.play import EMPTY, OVER, Play, reply

VERSION = ROOT + "DeviceInfo.SoftwareVersion"
IMAGE = "http://127.0.0.1:1/files/box-2.0.1.bin"


def ordered(device: Device, *arguments: object) -> Transfer:
    """The transfer that a Download at 10 s starts: the engine's to move."""
    hold(device, 10.0, reply("Download", *arguments))
    (transfer,) = device.errands
    device.errands = ()
    return transfer


def refused(device: Device, *arguments: object) -> int:
    """The fault that a Download gets."""
    version = device.profile.cwmp
    play = Play(device.begin(1.0), 1.0) << reply("InformResponse", version=version)
    code = (play << reply("Download", *arguments)).fault
    device.end(play.session, 1.0)
    return code


@pytest.mark.rule("T1", "T3")
def test_a_download_is_answered_and_starts_after_the_session() -> None:
    """Status 1 and the unknown time; nothing is fetched while the session runs."""
    device = make_device()
    play = Play(device.begin(10.0), 10.0) << reply("InformResponse")
    play = play << reply("Download", IMAGE) >> "DownloadResponse"
    assert play.sent.findtext("Status") == "1"
    assert play.sent.findtext("StartTime") == "0001-01-01T00:00:00Z"
    assert device.errands == ()

    _ = play << EMPTY >> OVER
    device.end(play.session, 11.0)
    device.wake(11.0)
    assert len(device.errands) == 1


@pytest.mark.rule("T3")
def test_delay_seconds() -> None:
    """The transfer starts when they are over."""
    device = make_device()
    hold(device, 10.0, reply("Download", IMAGE, "k", "2 Web Content", 500))
    device.silence("periodic")
    assert device.errands == ()
    assert device.due() == 510.0

    device.wake(510.0)
    assert len(device.errands) == 1


@pytest.mark.rule("T4", "T8", "E5")
def test_a_new_image() -> None:
    """Dark, then BOOT, TRANSFER COMPLETE, M Download and VALUE CHANGE together."""
    device = make_device()
    transfer = ordered(device, IMAGE, "upgrade")
    device.returned(transfer, 0, 20.0)
    device.wake(20.0)
    assert device.life == DARK
    assert device.due() == 50.0

    device.wake(50.0)
    play = Play(device.begin(50.0), 50.0) >> "Inform"
    assert play.events() == [
        ("1 BOOT", ""),
        ("4 VALUE CHANGE", ""),
        ("7 TRANSFER COMPLETE", ""),
        ("M Download", "upgrade"),
    ]
    assert play.values()[VERSION] == "2.0.1"

    play = play << reply("InformResponse") >> "TransferComplete"
    assert play.sent.findtext("CommandKey") == "upgrade"
    assert play.sent.findtext("FaultStruct/FaultCode") == "0"
    assert play.sent.findtext("FaultStruct/FaultString") == ""
    assert play.sent.findtext("StartTime") == "2026-01-01T00:00:10Z"
    assert play.sent.findtext("CompleteTime") == "2026-01-01T00:00:50Z"
    play = play << reply("TransferCompleteResponse") >> EMPTY << EMPTY >> OVER
    device.end(play.session, 51.0)
    assert device.transfers == ()


@pytest.mark.rule("T8", "S9", "E5")
def test_a_transfer_complete_is_told_until_it_is_answered() -> None:
    """After a fault, a failed session, a reboot: 7 and its M event stand again."""
    device = make_device()
    device.returned(ordered(device, IMAGE, "k", "2 Web Content"), 0, 20.0)
    device.wake(20.0)
    play = Play(device.begin(20.0), 20.0) << reply("InformResponse")
    play = play >> "TransferComplete" << reply("Fault", 8002) >> EMPTY << EMPTY
    device.end(play.session, 21.0)

    device.darken(22.0, 10.0)
    device.wake(32.0)
    play = Play(device.begin(32.0), 32.0)
    assert play.events() == [
        ("1 BOOT", ""),
        ("7 TRANSFER COMPLETE", ""),
        ("M Download", "k"),
    ]
    play = play << reply("InformResponse") >> "TransferComplete"
    device.end(play.session, 33.0)  # broken off before the response
    assert device.cause == "retry"
    assert [t.key for t in device.transfers] == ["k"]


@pytest.mark.rule("T4", "E2")
def test_several_transfers_are_told_together() -> None:
    """7 once, M Download for each, and a TransferComplete for each."""
    device = make_device()
    for key in ("a", "b"):
        device.returned(ordered(device, IMAGE, key, "2 Web Content"), 0, 20.0)
    device.wake(20.0)
    play = Play(device.begin(20.0), 20.0)

    assert play.events() == [
        ("7 TRANSFER COMPLETE", ""),
        ("M Download", "a"),
        ("M Download", "b"),
    ]
    play = play << reply("InformResponse") >> "TransferComplete"
    play = play << reply("TransferCompleteResponse") >> "TransferComplete"
    play = play << reply("TransferCompleteResponse") >> EMPTY << EMPTY >> OVER
    device.end(play.session, 21.0)
    assert device.transfers == ()


@pytest.mark.rule("T5", "V1")
@pytest.mark.parametrize(
    ("cwmp", "code", "told"),
    [
        ("1.0", 9016, 9010),
        ("1.0", 9012, 9012),
        ("1.1", 9016, 9016),
        ("1.2", 9018, 9018),
    ],
)
def test_failures_in_the_words_of_the_version(cwmp: str, code: int, told: int) -> None:
    """cwmp-1-0 has no word for 9014 to 9020: 9010 stands for them."""
    device = make_device(cwmp=cwmp)
    device.returned(ordered(device, IMAGE), code, 20.0)
    device.wake(20.0)
    assert device.life != DARK

    play = Play(device.begin(20.0), 20.0) << reply("InformResponse", version=cwmp)
    play = play >> "TransferComplete"
    assert play.sent.findtext("FaultStruct/FaultCode") == str(told)
    assert play.sent.findtext("FaultStruct/FaultString")


@pytest.mark.rule("T5")
def test_a_reboot_breaks_a_transfer_off() -> None:
    """9017; what the engine brings afterwards is too late."""
    device = make_device(cwmp="1.2")
    transfer = ordered(device, IMAGE, "k")
    hold(device, 12.0, reply("Reboot", ""))
    device.returned(transfer, 0, 15.0)
    device.wake(57.0)

    assert device.life != DARK
    assert (transfer.code, transfer.state) == (9017, 3)
    assert device.model.get(VERSION, 57.0) == "1.2.9"


@pytest.mark.rule("B2")
def test_a_factory_reset_forgets_transfers() -> None:
    """And what still comes of them is left alone."""
    device = make_device()
    transfer = ordered(device, IMAGE, "k")
    hold(device, 12.0, reply("FactoryReset"))
    device.returned(transfer, 0, 15.0)
    device.wake(60.0)

    assert device.transfers == ()
    assert device.model.get(VERSION, 60.0) == "1.2.9"


@pytest.mark.rule("T2", "T5")
@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("ftp://127.0.0.1/x", "k"), 9013),
        (("x.bin", "k"), 9003),
        (("http:///x.bin", "k"), 9003),
        (("http://a:99999/x", "k"), 9003),
        (("http://user:pass@127.0.0.1/x", "k"), 9003),
        ((IMAGE, "k", "4 Tone File"), 9003),
        ((IMAGE, "k" * 33), 9003),
    ],
)
def test_what_is_refused(arguments: tuple[object, ...], code: int) -> None:
    """A scheme that is not ours is 9013, what makes no sense 9003."""
    assert refused(make_device(), *arguments) == code


@pytest.mark.rule("T2", "V1")
def test_file_types_by_version() -> None:
    """1-0 and 1-1 know three, 1-2 five, CWMP 1.4 six; vendor types always."""
    for cwmp, known in (("1.0", 3), ("1.1", 3), ("1.2", 5), ("1.3", 5), ("1.4", 6)):
        for number, file_type in enumerate(FILE_TYPES, 1):
            code = refused(make_device(cwmp=cwmp), IMAGE, "k", file_type)
            assert code == (0 if number <= known else 9003)
        assert refused(make_device(cwmp=cwmp), IMAGE, "k", "X 00D09E Map") == 0


@pytest.mark.rule("T10")
def test_the_queue_has_an_end() -> None:
    """Sixteen wait; the next one is 9004."""
    device = make_device()
    for number in range(16):
        assert refused(device, IMAGE, f"k{number}", "2 Web Content", 900) == 0
    assert refused(device, IMAGE, "k", "2 Web Content", 900) == 9004


@pytest.mark.rule("T4")
@pytest.mark.parametrize(
    ("target", "url", "new"),
    [
        ("", IMAGE, "2.0.1"),
        ("box-3.1.bin", IMAGE, "3.1"),
        ("", "http://h/other.img", "1.2.10"),
    ],
)
def test_the_new_version(target: str, url: str, new: str) -> None:
    """From TargetFileName or the URL's end; else the last number + 1."""
    transfer = Transfer("k", "1 Firmware Upgrade Image", url, target=target)
    assert version(make_profile(), transfer, "1.2.9") == new


@pytest.mark.rule("T4")
def test_the_dot_of_the_suffix_is_no_part_of_the_version() -> None:
    """A shipped profile's pattern takes it along; the version goes without it."""
    profile = load_profile("residential-gateway-tr098")
    transfer = Transfer("k", "1 Firmware Upgrade Image", "http://h/HG800-v2.7.1.bin")
    assert version(profile, transfer, "1.4.2") == "2.7.1"


def test_versions_without_a_number() -> None:
    """Leading zeros stay; a version without a number gets one."""
    transfer = Transfer("k", "1 Firmware Upgrade Image", "http://h/x")
    profile = make_profile()
    assert version(profile, transfer, "V100R001C009 beta") == "V100R001C010 beta"
    assert version(profile, transfer, "final") == "final.1"
    assert "Firmware" in repr(transfer)


@pytest.mark.rule("H8", "E3")
def test_a_new_acs_url_is_a_bootstrap() -> None:
    """After the session, without what the old ACS was to be told."""
    device = make_device()
    name = SERVER + "URL"
    hold(device, 5.0, reply("SetParameterValues", [(name, "string", "http://b/")]))
    play = Play(device.begin(5.0), 5.0)
    assert play.events() == [("0 BOOTSTRAP", "")]


@pytest.mark.rule("T8", "S9")
def test_a_transfer_complete_that_is_to_be_asked_again() -> None:
    """8005: the same envelope at once, and it is delivered in the end."""
    device = make_device()
    device.returned(ordered(device, IMAGE, "k", "2 Web Content"), 0, 20.0)
    device.wake(20.0)
    play = Play(device.begin(20.0), 20.0) << reply("InformResponse")
    play = play >> "TransferComplete"
    first = play.body
    play = play << reply("Fault", 8005) >> "TransferComplete"
    assert play.body == first
    play = play << reply("TransferCompleteResponse") >> EMPTY << EMPTY >> OVER
    device.end(play.session, 21.0)
    assert device.transfers == device.requests == ()


@pytest.mark.rule("T5", "V1")
@pytest.mark.parametrize("code", [9010, 9011, 9012, *range(9014, 9021)])
def test_every_code_in_every_version(code: int) -> None:
    """9001 to 9012 stand in all; 1-0 lacks 9014 to 9020, 1-1 only 9020."""
    old, middle, new = (word(code, names.NAMESPACES[v]) for v in ("1.0", "1.1", "1.2"))
    assert old == (code if code < 9013 else 9010)
    assert middle == (code if code < 9020 else 9010)
    assert new == code
    assert [word(9001, n) for n in names.NAMESPACES.values()] == [9001] * 5


@pytest.mark.rule("T1")
@pytest.mark.parametrize(
    ("field", "most"),
    [("Username", 256), ("Password", 256), ("TargetFileName", 256)],
)
def test_the_length_of_arguments(field: str, most: int) -> None:
    """As the schema has it; SuccessURL and FailureURL are taken and not used."""
    for length, code in ((most, 0), (most + 1, 9003)):
        device = make_device()
        message = reply("Download", IMAGE).decode()
        message = message.replace(
            f"<{field}></{field}>", f"<{field}>{'x' * length}</{field}>"
        ).replace("<SuccessURL>", "<SuccessURL>http://h/well")
        play = Play(device.begin(1.0), 1.0) << reply("InformResponse")
        assert (play << message.encode()).fault == code


@pytest.mark.rule("T4", "E2")
def test_downloads_and_uploads_are_told_together() -> None:
    """7 once, and the M event of each kind."""
    device = make_device(cwmp="1.2")
    for key, method in (("a", "Download"), ("b", "Upload")):
        message = reply(method, IMAGE, key, *(["2 Web Content"] * (key == "a")))
        hold(device, 10.0, message)
    device.silence("periodic")
    for transfer in device.errands:
        device.returned(transfer, 0, 20.0)
    device.wake(20.0)
    assert Play(device.begin(20.0), 20.0).events() == [
        ("7 TRANSFER COMPLETE", ""),
        ("M Download", "a"),
        ("M Upload", "b"),
    ]
