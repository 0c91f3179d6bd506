"""What is stored of a scenario has no secret in it."""

from __future__ import annotations

from cpesim.conductor.masked import masked, url
from cpesim.scenario.scenario import Acs, Group, Scenario
from cpesim.scenario.step import Step


def test_nothing_secret_is_left() -> None:
    """Of the ACS, of a hook, of values; all else stays as it was."""
    http = {
        "method": "POST",
        "url": "http://me:s3cret@host/x?token=s3cret&tag=gw",
        "json": {
            "tag": "gw",
            "auth": {"password": "s3cret"},
            "list": [{"apiKey": "s3cret"}],
        },
        "headers": {"Authorization": "Bearer s3cret", "X-Tag": "gw"},
    }
    values = {"Device.ManagementServer.Password": "s3cret", "Device.X": "1"}
    scenario = Scenario(
        "m",
        Acs("http://me:s3cret@acs/", headers=(("X-Token", "s3cret"), ("X-Tag", "gw"))),
        (Group("all", 1),),
        steps=(
            Step("hook", 1.0, arguments={"http": http, "expect": {"status": 200}}),
            Step("set", 2.0, arguments={"set": values}),
            Step("mark", 3.0, arguments={"text": "here"}),
        ),
    )
    found = masked(scenario)
    assert "s3cret" not in repr(found)
    hook, changed, mark = found.steps
    assert hook.arguments["http"] == {
        "method": "POST",
        "url": "http://host/x?token=***&tag=gw",
        "json": {"tag": "gw", "auth": "***", "list": [{"apiKey": "***"}]},
        "headers": {"Authorization": "***", "X-Tag": "gw"},
    }
    assert hook.arguments["expect"] == {"status": 200}
    assert changed.arguments["set"]["Device.X"] == "1"
    assert mark == scenario.steps[2]
    assert found.acs.headers[1] == ("X-Tag", "gw")


def test_a_url_without_secrets_stays_as_it_is() -> None:
    """Not even its spelling changes."""
    for text in ("http://host/a%20b?x=%41&y", "http://[::1", "nonsense"):
        assert url(text) == text
