"""Recorded sessions as profiles: traces of ours, and any log with envelopes in it."""

from __future__ import annotations

import pytest

from cpesim.conductor.trace import exchange
from cpesim.device.catalog import compile_profile
from cpesim.device.draft.sources import draft_from
from cpesim.device.draft.write import write
from cpesim.device.dumps.session import parse_session
from cpesim.device.profile import Profile
from cpesim.errors import ConfigError
from tests.acs.cpe import IGD, PARAMETERS, envelope, inform, values

BOX = IGD + "X_ACME.Box."
OWN = {
    **{IGD + name: text for name, text in PARAMETERS.items()},
    IGD + "DeviceInfo.SerialNumber": "HG00112233",
    IGD + "ManagementServer.Password": "",
    BOX + "1.Name": " a < b ",
    BOX + "1.Secret": "open-sesame",
    BOX + "2.Name": "x",
}
OBJECTS = {
    IGD: "0",
    IGD + "DeviceInfo.": "0",
    IGD + "ManagementServer.": "0",
    BOX: "1",
    BOX + "1.": "1",
    BOX + "2.": "1",
}


def names(listed: dict[str, str]) -> str:
    """A GetParameterNamesResponse."""
    structs = "".join(
        f"<ParameterInfoStruct><Name>{n}</Name><Writable>{w}</Writable>"
        "</ParameterInfoStruct>"
        for n, w in listed.items()
    )
    return (
        "<C:GetParameterNamesResponse><ParameterList"
        f' E:arrayType="C:ParameterInfoStruct[{len(listed)}]">{structs}'
        "</ParameterList></C:GetParameterNamesResponse>"
    )


def escaped(parameters: dict[str, str]) -> dict[str, str]:
    """Texts as they stand in XML."""
    return {n: t.replace("<", "&lt;") for n, t in parameters.items()}


INFORM = inform("0 BOOTSTRAP", serial="HG00112233")
NAMES = envelope(names({**OBJECTS, **dict.fromkeys(OWN, "1"), BOX + "2.Lost": "0"}))
VALUES = envelope(
    f"<C:GetParameterValuesResponse>{values(escaped(OWN))}"
    "</C:GetParameterValuesResponse>"
)
ATTRIBUTES = envelope(
    "<C:GetParameterAttributesResponse><ParameterList>"
    f"<ParameterAttributeStruct><Name>{BOX}1.Name</Name><Notification>2</Notification>"
    "<AccessList/></ParameterAttributeStruct></ParameterList>"
    "</C:GetParameterAttributesResponse>"
)
METHODS = envelope(
    "<C:GetRPCMethodsResponse><MethodList><string>Reboot</string></MethodList>"
    "</C:GetRPCMethodsResponse>"
)


def made(text: str) -> tuple[Profile, str]:
    """The profile of a session's text, and how it is written."""
    written = write(draft_from(text, "s.log"))
    return compile_profile(written, "s.yaml"), written


def test_any_log_of_envelopes_is_a_session() -> None:
    """Whatever stands between them; values keep their blanks, secrets go."""
    text = "\n-- noise\n".join([INFORM, METHODS, NAMES, VALUES, ATTRIBUTES])
    profile, written = made(text)
    p = profile.parameters

    assert p[BOX + "1.Name"].default == " a < b "
    assert p[BOX + "1.Name"].notify == "active"
    assert p[BOX + "1.Name"].writable
    assert profile.objects[BOX] is True
    assert profile.instances[BOX] == (1, 2)
    assert profile.inform == tuple(IGD + name for name in PARAMETERS)
    assert "open-sesame" not in written
    assert "HG00112233" not in written
    assert "# RPCs: Reboot." in written
    assert f"#   {BOX}2.Lost: no value in the session" in written
    assert p[IGD + "ManagementServer.Password"].hidden
    # Nothing is added to what the CPE said of itself.
    assert set(profile.names) == set(OWN)


def trace(*messages: tuple[str, str]) -> str:
    """What `cpesim device` shows of them."""
    head = {"out": b"POST / HTTP/1.1", "in": b"HTTP/1.1 200 OK"}
    return "\n\n".join(
        "\n".join(exchange(0.1, way, head[way], text.encode()))
        for way, text in messages
    )


def test_a_trace_of_ours_is_a_session() -> None:
    """Only >> is the CPE's; masked passwords are drawn; what was deleted is gone."""
    deleted = envelope(
        f"<C:DeleteObject><ObjectName>{BOX}2.</ObjectName></C:DeleteObject>"
    )
    acs_said = VALUES.replace("open-sesame", "acs-said-so")
    text = trace(
        ("out", INFORM),
        ("out", NAMES),
        ("out", VALUES.replace("1.Secret", "1.Password")),
        ("in", acs_said),
        ("in", deleted),
        (
            "out",
            envelope(
                "<C:DeleteObjectResponse><Status>0</Status></C:DeleteObjectResponse>"
            ),
        ),
    )
    assert "***" in text
    profile, written = made(text)

    assert profile.instances[BOX] == (1,)
    assert "acs-said-so" not in written
    assert "***" not in written
    assert BOX + "1.Password" in profile.parameters


def test_a_message_that_was_cut_off_gives_what_it_has() -> None:
    """The whole structs before the cut; a note says that there is more."""
    cut = VALUES[: VALUES.index("open-sesame") + 4]
    session = parse_session("\n".join([INFORM, NAMES, cut]), "s.log")
    told = {e.path: e.text for e in session.dump.entries if not e.object}

    assert told[BOX + "1.Name"] == " a < b "
    assert BOX + "1.Secret" not in told
    assert any("break off" in note for note in session.notes)
    assert f"{BOX}1.Secret: no value in the session" in session.unread


def test_without_names_what_may_be_written_is_a_guess() -> None:
    """An Inform and some values are a profile, with what every ACS needs."""
    profile, written = made(INFORM + VALUES)

    assert "what may be written is a guess" in written
    assert profile.parameters[IGD + "DeviceInfo.ProvisioningCode"].writable
    assert not profile.parameters[IGD + "DeviceInfo.SoftwareVersion"].writable
    assert IGD + "ManagementServer.URL" in profile.parameters


def test_forced_is_what_each_inform_tells() -> None:
    """A value change stands in one Inform only."""
    changed = inform(
        "4 VALUE CHANGE",
        serial="HG00112233",
        parameters={**PARAMETERS, "X_ACME.Box.1.Name": "y"},
    )
    profile, _ = made("\n".join([changed, INFORM, NAMES, VALUES]))
    assert profile.inform == tuple(IGD + name for name in PARAMETERS)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("<Envelope>nothing</Envelope>", "s.log:1:1: no Inform and no answer"),
        (
            ">> 0.1s POST\n>>   " + INFORM.replace("</DeviceId>", "</Device>"),
            "s.log:2:",
        ),
        (
            "\n\n" + INFORM + "\n" + inform("1 BOOT", serial="other"),
            "s.log:4:1: a second CPE, 'other'",
        ),
        (
            '<!DOCTYPE a><S:Envelope xmlns:S="s"><b></S:Envelope>',
            "s.log:1:42: not well-formed XML",
        ),
    ],
)
def test_what_is_wrong_is_told_with_its_place(text: str, told: str) -> None:
    """File, line and column of the text as it is, arrows included."""
    with pytest.raises(ConfigError) as caught:
        draft_from(text, "s.log")
    assert told in str(caught.value)


def test_the_place_of_an_error_is_that_in_the_text() -> None:
    """The column counts the arrow; the line what stood before."""
    broken = '>>   <S:Envelope xmlns:S="s">\n>>     <a></b>\n>>   </S:Envelope>'
    with pytest.raises(ConfigError) as caught:
        draft_from("# a log\n" + broken, "s.log")
    assert str(caught.value).startswith("s.log:3:13: not well-formed XML: mismatched")
