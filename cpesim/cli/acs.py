"""
`cpesim acs`: the reference ACS.

Rule: every option is a field of AcsSettings, which checks it.
"""

from __future__ import annotations

from typing import Annotated

import typer

from cpesim.cli.options import read

_HELP_SCRIPT = (
    "What to ask of CPEs: greet, audit, provision, credentials, upgrade, reboot,"
    " factory-reset, schedule-inform; a list, or by event: '0 BOOTSTRAP: provision;"
    " 1 BOOT: audit'."
)


def acs(
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port; 0 takes any free one.")] = 7547,
    auth: Annotated[str, typer.Option(help="none, basic or digest.")] = "none",
    username: Annotated[
        str, typer.Option(help="Name that CPEs must give. Default: any.")
    ] = "",
    password: Annotated[
        str, typer.Option(help="Their password; {username} is the name given.")
    ] = "{username}",
    script: Annotated[str, typer.Option(help=_HELP_SCRIPT)] = "greet",
    interval: Annotated[
        str, typer.Option(metavar="TIME", help="Interval that provision sets.")
    ] = "5m",
    schedule: Annotated[
        str, typer.Option(metavar="TIME", help="Delay that schedule-inform asks for.")
    ] = "1m",
    strict: Annotated[
        str, typer.Option(metavar="FOLDER", help="Judge messages by its cwmp-*.xsd.")
    ] = "",
    cwmp: Annotated[str, typer.Option(help="Newest CWMP version: 1.0 … 1.4.")] = "1.4",
    delay: Annotated[
        str, typer.Option(metavar="TIME", help="Hold each answer back so long.")
    ] = "0",
    fail_503: Annotated[
        str, typer.Option("--fail-503", metavar="SHARE", help="Answer 503 to so many.")
    ] = "0",
    drop: Annotated[
        str, typer.Option(metavar="SHARE", help="Close so many without an answer.")
    ] = "0",
    garbage: Annotated[
        str, typer.Option(metavar="SHARE", help="Answer rubbish to so many.")
    ] = "0",
    stall: Annotated[
        str,
        typer.Option(
            metavar="AT,FOR",
            help="Answer nothing for the time FOR, AT after the first request: 20s,5s.",
        ),
    ] = "",
    knock_every: Annotated[
        str,
        typer.Option(
            metavar="TIME", help="Send each CPE a connection request so often."
        ),
    ] = "0",
    knock_rate: Annotated[
        str, typer.Option(metavar="RATE", help="Most connection requests.")
    ] = "100/s",
    firmware_size: Annotated[
        int, typer.Option(metavar="BYTES", help="Size of each firmware image.")
    ] = 1_000_000,
    firmware_version: Annotated[
        str, typer.Option(help="Version in the image's name. Default: the next.")
    ] = "",
    seed: Annotated[int, typer.Option(help="Chance behind the shares.")] = 1,
    record: Annotated[
        str,
        typer.Option(
            metavar="FILE",
            help="Ask the first CPE that informs for all names, values and attributes,"
            " a few at a time; write them as a profile, secrets replaced, and end.",
        ),
    ] = "",
    force: Annotated[
        bool, typer.Option("--force", help="Let --record write over FILE.")
    ] = False,
) -> None:
    """
    Run the reference ACS: a real small ACS, to try cpesim and to test against.

    GET /stats tells as JSON what it saw.

    With --record it changes nothing in the CPE; a request that gets a fault is asked
    again in halves, a session that breaks is gone on with in the next, and what could
    not be read is listed in the profile. Ctrl-C writes what is known until then.

    \b
    Examples:
      cpesim acs
      cpesim acs --port 0 --script audit,provision --auth digest
      cpesim acs --script '0 BOOTSTRAP: provision; 1 BOOT: audit,upgrade'
      cpesim acs --delay 200ms --fail-503 2% --knock-every 1m
      cpesim acs --host 0.0.0.0 --record my-ont.yaml
    """
    import signal

    import trio

    from cpesim.acs.record import Recorder
    from cpesim.acs.server import Acs
    from cpesim.acs.settings import AcsSettings
    from cpesim.cli.profile_import import free
    from cpesim.cli.record import recorded
    from cpesim.errors import ConfigError
    from cpesim.quantity import parse_duration, parse_rate, parse_share

    def stalled(text: str) -> tuple[float, float]:
        at, comma, length = text.partition(",")
        if not comma:
            raise ValueError(f"expected AT,FOR, as 20s,5s, not {text!r}")
        return parse_duration(at.strip()), parse_duration(length.strip())

    if auth not in ("none", "basic", "digest"):
        raise ConfigError(f"--auth {auth}: expected none, basic or digest")
    if record:
        free(record, force)
    settings = AcsSettings(
        host=host,
        port=port,
        auth=auth,  # type: ignore[arg-type]
        username=username,
        password=password,
        script=script,
        interval=int(read("--interval", interval, parse_duration)),
        schedule=int(read("--schedule", schedule, parse_duration)),
        strict=strict,
        cwmp=cwmp,
        delay=read("--delay", delay, parse_duration),
        fail_503=read("--fail-503", fail_503, parse_share),
        drop=read("--drop", drop, parse_share),
        garbage=read("--garbage", garbage, parse_share),
        stall=read("--stall", stall, stalled) if stall else None,
        knock_every=read("--knock-every", knock_every, parse_duration),
        knock_rate=read("--knock-rate", knock_rate, parse_rate),
        firmware_size=firmware_size,
        firmware_version=firmware_version,
        record=bool(record),
        seed=seed,
    )
    walked = trio.Event()
    recorder = Recorder(walked.set) if record else None
    server = Acs(settings, recorder)

    interrupted = 0

    async def until_told() -> None:
        """Serve; Ctrl-C and SIGTERM are how an ACS ends, and no failure."""
        nonlocal interrupted
        with trio.open_signal_receiver(signal.SIGINT, signal.SIGTERM) as signals:
            async with trio.open_nursery() as nursery:
                bound, number = await nursery.start(server.serve)
                name = f"[{bound}]" if ":" in bound else bound
                typer.echo(f"ACS at http://{name}:{number}/   (Ctrl-C ends it)")

                async def until_walked() -> None:
                    await walked.wait()
                    await trio.sleep(0.2)  # the last 204 is on its way
                    nursery.cancel_scope.cancel()

                nursery.start_soon(until_walked)
                async for told in signals:
                    interrupted = 143 if told == signal.SIGTERM else 130
                    nursery.cancel_scope.cancel()
                    break

    trio.run(until_told)
    if recorder is not None:
        recorded(recorder, record)
        # An ACS ends when it is told; a recording is then cut short.
        raise typer.Exit(0 if recorder.finished else interrupted)
