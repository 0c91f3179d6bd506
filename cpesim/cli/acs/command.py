"""
`cpesim acs`: the reference ACS.

Rule: it makes AcsSettings of its options, runs the ACS, and nothing else.
"""

from __future__ import annotations

import typer

from cpesim.cli.acs import options as o
from cpesim.cli.options import read


def acs(
    host: o.Host = "127.0.0.1",
    port: o.Port = 7547,
    auth: o.Auth = "none",
    username: o.Username = "",
    password: o.Password = "{username}",
    password_env: o.PasswordEnv = "",
    script: o.Script = "greet",
    interval: o.Interval = "5m",
    schedule: o.Schedule = "1m",
    window_mode: o.WindowMode = 2,
    patience: o.Patience = "10m",
    strict: o.Strict = "",
    cwmp: o.Cwmp = "1.4",
    delay: o.Delay = "0",
    fail_503: o.Fail503 = "0",
    retry_after: o.RetryAfter = "",
    drop: o.Drop = "0",
    garbage: o.Garbage = "0",
    stall: o.Stall = "",
    hold: o.Hold = "0",
    retry_request: o.RetryRequest = "0",
    retry_times: o.RetryTimes = 1,
    redirect_status: o.RedirectStatus = 307,
    redirects: o.Redirects = 1,
    capacity: o.Capacity = "",
    nbi: o.Nbi = "",
    knock_every: o.KnockEvery = "0",
    knock_rate: o.KnockRate = "100/s",
    knock_username: o.KnockUsername = "",
    knock_password_env: o.KnockPasswordEnv = "",
    files_size: o.FilesSize = 1_000_000,
    firmware_version: o.FirmwareVersion = "",
    files_auth: o.FilesAuth = "none",
    files_username: o.FilesUsername = "files",
    files_password_env: o.FilesPasswordEnv = "",
    files_url: o.FilesUrl = "",
    upload_limit: o.UploadLimit = 67_108_864,
    tls_cert: o.TlsCert = "",
    tls_key: o.TlsKey = "",
    tls_client_ca: o.TlsClientCa = "",
    seed: o.Seed = 1,
    record: o.Record = "",
    force: o.Force = False,
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
    from cpesim.cli.acs.record import recorded
    from cpesim.cli.profile.imported import free
    from cpesim.errors import ConfigError
    from cpesim.quantity import parse_duration, parse_place, parse_rate, parse_share

    def stalled(text: str) -> tuple[float, float]:
        at, comma, length = text.partition(",")
        if not comma:
            raise ValueError(f"expected AT,FOR, as 20s,5s, not {text!r}")
        return parse_duration(at.strip()), parse_duration(length.strip())

    def address(text: str) -> tuple[str, int]:
        host, port = parse_place(text)
        if port is None:
            raise ValueError(f"expected ADDRESS:PORT, as 127.0.0.1:7557, not {text!r}")
        return host, port

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
        capacity=read("--capacity", capacity, parse_rate) if capacity else None,
        nbi=read("--nbi", nbi, address) if nbi else None,
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
                if server.nbi is not None:
                    typer.echo("northbound at http://{}:{}/".format(*server.nbi))

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
