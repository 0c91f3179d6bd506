"""
`cpesim acs`: the reference ACS.

Rule: every option is a field of AcsSettings, which checks it.
"""

from __future__ import annotations

from typing import Annotated

import typer

from cpesim.cli.options import read

_HELP_SCRIPT = (
    "What to ask of CPEs: a list of words, once each, or by event: '0 BOOTSTRAP:"
    " provision; 1 BOOT: audit'. Words: greet, audit, provision, credentials,"
    " notifications, aliases; upgrade, download-web (-config, -tone, -ringer, -stored),"
    " schedule-download, upload, upload-log, cancel, queued; du-install, du-update,"
    " du-uninstall; ping, traceroute, nslookup, download-diagnostics,"
    " upload-diagnostics, neighbours, or diagnostics for all; reboot, delay-reboot,"
    " schedule-reboot, factory-reset, schedule-inform; options, wrong,"
    " must-understand; hold, versions, retry-request, redirect."
)


def acs(
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port; 0 takes any free one.")] = 7547,
    auth: Annotated[str, typer.Option(help="none, basic or digest.")] = "none",
    username: Annotated[
        str, typer.Option(help="Name that CPEs must give. Default: any.")
    ] = "",
    password: Annotated[
        str,
        typer.Option(
            metavar="PATTERN",
            help="How their passwords follow from their names; {username} is the name"
            " given. No place for a secret.",
        ),
    ] = "{username}",
    password_env: Annotated[
        str,
        typer.Option(
            metavar="NAME", help="Environment variable that holds their password."
        ),
    ] = "",
    script: Annotated[str, typer.Option(help=_HELP_SCRIPT)] = "greet",
    interval: Annotated[
        str, typer.Option(metavar="TIME", help="Interval that provision sets.")
    ] = "5m",
    schedule: Annotated[
        str,
        typer.Option(
            metavar="TIME",
            help="Delay that schedule-inform, delay-reboot, schedule-reboot and queued"
            " ask for; length of each window of schedule-download.",
        ),
    ] = "1m",
    window_mode: Annotated[
        int,
        typer.Option(
            metavar="MODE",
            help="Mode of schedule-download's first window: 1 at any time, 2 at once,"
            " 3 when idle, 4 when confirmed.",
        ),
    ] = 2,
    patience: Annotated[
        str,
        typer.Option(
            metavar="TIME",
            help="What was asked for and has not come so long after its time is a"
            " violation.",
        ),
    ] = "10m",
    strict: Annotated[
        str, typer.Option(metavar="FOLDER", help="Judge messages by its cwmp-*.xsd.")
    ] = "",
    cwmp: Annotated[str, typer.Option(help="Newest CWMP version: 1.0 … 1.4.")] = "1.4",
    delay: Annotated[
        str,
        typer.Option(metavar="TIME", help="Hold each answer back so long."),
    ] = "0",
    fail_503: Annotated[
        str,
        typer.Option("--fail-503", metavar="SHARE", help="Answer 503 to so many."),
    ] = "0",
    retry_after: Annotated[
        str,
        typer.Option(
            metavar="TIME", help="Retry-After that comes with the 503. Default: none."
        ),
    ] = "",
    drop: Annotated[
        str,
        typer.Option(metavar="SHARE", help="Close so many without an answer."),
    ] = "0",
    garbage: Annotated[
        str,
        typer.Option(metavar="SHARE", help="Answer rubbish to so many."),
    ] = "0",
    stall: Annotated[
        str,
        typer.Option(
            metavar="AT,FOR",
            help="Answer nothing for the time FOR, AT after the first request: 20s,5s.",
        ),
    ] = "",
    hold: Annotated[
        str,
        typer.Option(metavar="SHARE", help="Begin so many sessions with HoldRequests."),
    ] = "0",
    retry_request: Annotated[
        str,
        typer.Option(
            metavar="SHARE", help="Answer 8005 to so many messages of the CPEs' own."
        ),
    ] = "0",
    retry_times: Annotated[
        int,
        typer.Option(metavar="N", help="So often for each of them."),
    ] = 1,
    redirect_status: Annotated[
        int,
        typer.Option(metavar="STATUS", help="Status of the word redirect: 302 or 307."),
    ] = 307,
    redirects: Annotated[
        int,
        typer.Option(metavar="N", help="So many redirects in a row."),
    ] = 1,
    knock_every: Annotated[
        str,
        typer.Option(
            metavar="TIME", help="Send each CPE a connection request so often."
        ),
    ] = "0",
    knock_rate: Annotated[
        str,
        typer.Option(metavar="RATE", help="Most connection requests."),
    ] = "100/s",
    knock_username: Annotated[
        str,
        typer.Option(
            help="Name for CPEs that were given none. Default: each is given its own."
        ),
    ] = "",
    knock_password_env: Annotated[
        str,
        typer.Option(
            metavar="NAME", help="Environment variable that holds its password."
        ),
    ] = "",
    files_size: Annotated[
        int,
        typer.Option(
            "--files-size",
            "--firmware-size",
            metavar="BYTES",
            help="Size of each file under /files/, firmware images too.",
        ),
    ] = 1_000_000,
    firmware_version: Annotated[
        str,
        typer.Option(help="Version in the image's name. Default: the next."),
    ] = "",
    files_auth: Annotated[
        str,
        typer.Option(
            help="What to ask of whom fetches or sends files: none, basic or digest."
        ),
    ] = "none",
    files_username: Annotated[str, typer.Option(help="Name for that.")] = "files",
    files_password_env: Annotated[
        str,
        typer.Option(
            metavar="NAME",
            help="Environment variable that holds its password. Default: files.",
        ),
    ] = "",
    files_url: Annotated[
        str,
        typer.Option(
            metavar="URL",
            help="Where CPEs reach /files/. Default: where they reach this ACS.",
        ),
    ] = "",
    upload_limit: Annotated[
        int,
        typer.Option(metavar="BYTES", help="Most bytes of an upload."),
    ] = 67_108_864,
    tls_cert: Annotated[
        str,
        typer.Option(
            metavar="FILE", help="Certificate of this ACS, PEM: HTTPS instead of HTTP."
        ),
    ] = "",
    tls_key: Annotated[
        str,
        typer.Option(metavar="FILE", help="Its key, PEM."),
    ] = "",
    tls_client_ca: Annotated[
        str,
        typer.Option(
            metavar="FILE",
            help="Ask CPEs for certificates that one of these CAs issued.",
        ),
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

    GET /stats tells as JSON what it saw, GET /violations what was wrong with it.

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
      cpesim acs --host ::1 --tls-cert acs.pem --tls-key acs.key --script diagnostics
    """
    import os
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

    def secret(option: str, name: str, default: str) -> str:
        """What the variable of that name holds."""
        if name and name not in os.environ:
            raise ConfigError(f"{option} {name}: the variable is not set")
        return os.environ[name] if name else default

    for option, scheme in (("--auth", auth), ("--files-auth", files_auth)):
        if scheme not in ("none", "basic", "digest"):
            raise ConfigError(f"{option} {scheme}: expected none, basic or digest")
    if record:
        free(record, force)
    settings = AcsSettings(
        host=host,
        port=port,
        auth=auth,  # type: ignore[arg-type]
        username=username,
        password=secret("--password-env", password_env, password),
        script=script,
        interval=int(read("--interval", interval, parse_duration)),
        schedule=int(read("--schedule", schedule, parse_duration)),
        window_mode=window_mode,
        patience=read("--patience", patience, parse_duration),
        strict=strict,
        cwmp=cwmp,
        delay=read("--delay", delay, parse_duration),
        fail_503=read("--fail-503", fail_503, parse_share),
        retry_after=(
            int(read("--retry-after", retry_after, parse_duration))
            if retry_after
            else None
        ),
        hold=read("--hold", hold, parse_share),
        retry_request=read("--retry-request", retry_request, parse_share),
        retry_times=retry_times,
        redirect_status=redirect_status,
        redirects=redirects,
        drop=read("--drop", drop, parse_share),
        garbage=read("--garbage", garbage, parse_share),
        stall=read("--stall", stall, stalled) if stall else None,
        knock_every=read("--knock-every", knock_every, parse_duration),
        knock_rate=read("--knock-rate", knock_rate, parse_rate),
        knock_username=knock_username,
        knock_password=secret("--knock-password-env", knock_password_env, ""),
        firmware_size=files_size,
        firmware_version=firmware_version,
        record=bool(record),
        files_auth=files_auth,  # type: ignore[arg-type]
        files_username=files_username,
        files_password=secret("--files-password-env", files_password_env, "files"),
        files_url=files_url.rstrip("/"),
        upload_limit=upload_limit,
        tls_cert=tls_cert,
        tls_key=tls_key,
        tls_client_ca=tls_client_ca,
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
                # All addresses are heard; one that works from here is shown.
                known = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(bound, bound)
                name = f"[{known}]" if ":" in known else known
                scheme = "https" if tls_cert else "http"
                typer.echo(f"ACS at {scheme}://{name}:{number}/   (Ctrl-C ends it)")

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
