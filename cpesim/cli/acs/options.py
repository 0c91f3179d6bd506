"""
The options of `cpesim acs`.

Rule: every option is a field of AcsSettings, which checks it.
"""

from __future__ import annotations

from typing import Annotated

import typer

HELP_SCRIPT = (
    "What to ask of CPEs: a list of words, once each, or by event: '0 BOOTSTRAP:"
    " provision; 1 BOOT: audit'. Words: greet, audit, provision, credentials,"
    " notifications, aliases; upgrade, download-web (-config, -tone, -ringer, -stored),"
    " schedule-download, upload, upload-log, cancel, queued; du-install, du-update,"
    " du-uninstall; ping, traceroute, nslookup, download-diagnostics,"
    " upload-diagnostics, neighbours, or diagnostics for all; reboot, delay-reboot,"
    " schedule-reboot, factory-reset, schedule-inform; options, wrong,"
    " must-understand; hold, versions, retry-request, redirect."
)

Host = Annotated[str, typer.Option(help="Address to listen on.")]
Port = Annotated[int, typer.Option(help="Port; 0 takes any free one.")]
Auth = Annotated[str, typer.Option(help="none, basic or digest.")]
Username = Annotated[str, typer.Option(help="Name that CPEs must give. Default: any.")]
Password = Annotated[
    str,
    typer.Option(
        metavar="PATTERN",
        help="How their passwords follow from their names; {username} is the name"
        " given. No place for a secret.",
    ),
]
PasswordEnv = Annotated[
    str,
    typer.Option(
        metavar="NAME", help="Environment variable that holds their password."
    ),
]
Script = Annotated[str, typer.Option(help=HELP_SCRIPT)]
Interval = Annotated[
    str, typer.Option(metavar="TIME", help="Interval that provision sets.")
]
Schedule = Annotated[
    str,
    typer.Option(
        metavar="TIME",
        help="Delay that schedule-inform, delay-reboot, schedule-reboot and queued"
        " ask for; length of each window of schedule-download.",
    ),
]
WindowMode = Annotated[
    int,
    typer.Option(
        metavar="MODE",
        help="Mode of schedule-download's first window: 1 at any time, 2 at once,"
        " 3 when idle, 4 when confirmed.",
    ),
]
Patience = Annotated[
    str,
    typer.Option(
        metavar="TIME",
        help="What was asked for and has not come so long after its time is a"
        " violation.",
    ),
]
Strict = Annotated[
    str, typer.Option(metavar="FOLDER", help="Judge messages by its cwmp-*.xsd.")
]
Cwmp = Annotated[str, typer.Option(help="Newest CWMP version: 1.0 … 1.4.")]
Delay = Annotated[
    str,
    typer.Option(metavar="TIME", help="Hold each answer back so long."),
]
Fail503 = Annotated[
    str,
    typer.Option("--fail-503", metavar="SHARE", help="Answer 503 to so many."),
]
RetryAfter = Annotated[
    str,
    typer.Option(
        metavar="TIME", help="Retry-After that comes with the 503. Default: none."
    ),
]
Drop = Annotated[
    str,
    typer.Option(metavar="SHARE", help="Close so many without an answer."),
]
Garbage = Annotated[
    str,
    typer.Option(metavar="SHARE", help="Answer rubbish to so many."),
]
Stall = Annotated[
    str,
    typer.Option(
        metavar="AT,FOR",
        help="Answer nothing for the time FOR, AT after the first request: 20s,5s.",
    ),
]
Hold = Annotated[
    str,
    typer.Option(metavar="SHARE", help="Begin so many sessions with HoldRequests."),
]
RetryRequest = Annotated[
    str,
    typer.Option(
        metavar="SHARE", help="Answer 8005 to so many messages of the CPEs' own."
    ),
]
RetryTimes = Annotated[
    int,
    typer.Option(metavar="N", help="So often for each of them."),
]
RedirectStatus = Annotated[
    int,
    typer.Option(metavar="STATUS", help="Status of the word redirect: 302 or 307."),
]
Redirects = Annotated[
    int,
    typer.Option(metavar="N", help="So many redirects in a row."),
]
Capacity = Annotated[
    str,
    typer.Option(
        metavar="RATE",
        help="Serve so many sessions a second, in order of coming, from a queue"
        " without end: 300/s. Default: as many as come.",
    ),
]
Nbi = Annotated[
    str,
    typer.Option(
        metavar="ADDRESS:PORT",
        help="Northbound interface: POST /campaigns, /wake, /outage. Default: none.",
    ),
]
KnockEvery = Annotated[
    str,
    typer.Option(metavar="TIME", help="Send each CPE a connection request so often."),
]
KnockRate = Annotated[
    str,
    typer.Option(metavar="RATE", help="Most connection requests."),
]
KnockUsername = Annotated[
    str,
    typer.Option(
        help="Name for CPEs that were given none. Default: each is given its own."
    ),
]
KnockPasswordEnv = Annotated[
    str,
    typer.Option(metavar="NAME", help="Environment variable that holds its password."),
]
FilesSize = Annotated[
    int,
    typer.Option(
        "--files-size",
        "--firmware-size",
        metavar="BYTES",
        help="Size of each file under /files/, firmware images too.",
    ),
]
FirmwareVersion = Annotated[
    str,
    typer.Option(help="Version in the image's name. Default: the next."),
]
FilesAuth = Annotated[
    str,
    typer.Option(
        help="What to ask of whom fetches or sends files: none, basic or digest."
    ),
]
FilesUsername = Annotated[str, typer.Option(help="Name for that.")]
FilesPasswordEnv = Annotated[
    str,
    typer.Option(
        metavar="NAME",
        help="Environment variable that holds its password. Default: files.",
    ),
]
FilesUrl = Annotated[
    str,
    typer.Option(
        metavar="URL",
        help="Where CPEs reach /files/. Default: where they reach this ACS.",
    ),
]
UploadLimit = Annotated[
    int,
    typer.Option(metavar="BYTES", help="Most bytes of an upload."),
]
TlsCert = Annotated[
    str,
    typer.Option(
        metavar="FILE", help="Certificate of this ACS, PEM: HTTPS instead of HTTP."
    ),
]
TlsKey = Annotated[
    str,
    typer.Option(metavar="FILE", help="Its key, PEM."),
]
TlsClientCa = Annotated[
    str,
    typer.Option(
        metavar="FILE",
        help="Ask CPEs for certificates that one of these CAs issued.",
    ),
]
Seed = Annotated[int, typer.Option(help="Chance behind the shares.")]
Record = Annotated[
    str,
    typer.Option(
        metavar="FILE",
        help="Ask the first CPE that informs for all names, values and attributes,"
        " a few at a time; write them as a profile, secrets replaced, and end.",
    ),
]
Force = Annotated[bool, typer.Option("--force", help="Let --record write over FILE.")]
