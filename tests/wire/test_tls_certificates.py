"""Client certificates: shown, checked, dropped, and what is wrong with them."""

from __future__ import annotations

import gc
import os
import socket
import ssl
import weakref
from contextlib import closing, suppress
from pathlib import Path

import pytest
import trio
from cryptography.hazmat.primitives import serialization as keys

from cpesim.errors import ConnectFailed
from cpesim.wire.tls import Certificate, Tls
from cpesim.wire.wire import Wire
from tests.wire.authority import Authority
from tests.wire.tiny import DONE, OK, XML, listening, reply, wired


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority(tmp_path)


async def talk(wire: Wire, url: str, own: Certificate | None, n: int = 0) -> None:
    """A session of two posts, with a client certificate."""
    connection = wire.open(url, n=n, certificate=lambda: own)
    with closing(connection):
        await connection.post(XML, "Inform")
        await connection.post(b"", "empty POST")


@pytest.mark.rule("H6")
@pytest.mark.parametrize("version", ["1.2", "1.3"])
@pytest.mark.parametrize("shared", [False, True])
async def test_each_cpe_shows_its_own(
    authority: Authority, version: str, shared: bool
) -> None:
    """A server that asks sees each CPE's certificate, at every reconnect too."""
    tls = authority.server("127.0.0.1", ask=True)
    one, two = (authority.cpe(name, shared=shared) for name in ("one.cpe", "two.cpe"))
    names: list[str] = []
    answers = [reply(200, "Connection: close"), DONE, OK, DONE]
    async with listening(*answers, tls=tls, seen=names) as tiny:
        async with wired(ca=authority.file, least=version, most=version) as (wire, _):
            await talk(wire, tiny.url, one)
            await talk(wire, tiny.url, two, 1)
    assert names == ["one.cpe", "one.cpe", "two.cpe"]


@pytest.mark.rule("H6")
@pytest.mark.parametrize("version", ["1.2", "1.3"])
async def test_a_certificate_that_is_missing_or_strange(
    authority: Authority, version: str, tmp_path: Path
) -> None:
    """A server that takes none but its own CA's is no connection, by either TLS."""
    tls = authority.server("127.0.0.1", ask=True)
    (tmp_path / "other").mkdir()
    strange = Authority(tmp_path / "other").cpe("one.cpe")
    labels = []
    for own in (None, strange):
        with socket.create_server(("127.0.0.1", 0)) as listener:
            url = f"https://127.0.0.1:{listener.getsockname()[1]}/"
            async with wired(ca=authority.file, most=version) as (wire, _):
                async with trio.open_nursery() as nursery:
                    nursery.start_soon(trio.to_thread.run_sync, refuse, listener, tls)
                    with pytest.raises(ConnectFailed) as caught:
                        await talk(wire, url, own)
        labels.append(caught.value.label)
    # TLS 1.2 has no alert of its own for a client that shows none.
    first = "connect tls" if version == "1.2" else "connect client certificate"
    assert labels == [first, "connect client certificate"]


def refuse(listener: socket.socket, tls: ssl.SSLContext) -> None:
    """Take one connection whose handshake fails: the alert goes out, then its end."""
    peer, _ = listener.accept()
    with tls.wrap_socket(peer, True, do_handshake_on_connect=False) as stream:
        with suppress(ssl.SSLError):
            stream.do_handshake()
        # What is left unread would turn the end into a reset.
        with socket.socket(fileno=os.dup(stream.fileno())) as rest:
            rest.shutdown(socket.SHUT_WR)
            while rest.recv(65536):
                pass


@pytest.mark.rule("H6")
async def test_the_server_is_checked_with_a_client_certificate_too(
    authority: Authority,
) -> None:
    """The name in the server's certificate must fit, whatever we show."""
    tls = authority.server("other.test", ask=True)
    async with listening(OK, DONE, tls=tls) as tiny:
        async with wired(ca=authority.file) as (wire, _):
            with pytest.raises(ConnectFailed) as caught:
                await talk(wire, tiny.url, authority.cpe("one.cpe"))
    assert caught.value.label == "connect certificate"


def spoil(authority: Authority, own: Certificate, how: str) -> None:
    """Make a certificate's files unusable."""
    file, key = Path(own.file), Path(own.key)
    if how == "gone":
        file.unlink()
    elif how == "no key":
        key.unlink()
    elif how == "not PEM":
        file.write_text("hello")
    elif how == "swapped":
        key.write_bytes(Path(authority.cpe("two.cpe").key).read_bytes())
    else:
        private = keys.load_pem_private_key(key.read_bytes(), None)
        key.write_bytes(
            private.private_bytes(
                keys.Encoding.PEM,
                keys.PrivateFormat.PKCS8,
                keys.BestAvailableEncryption(b"word"),
            )
        )


@pytest.mark.parametrize("wrong", ["gone", "no key", "not PEM", "locked", "swapped"])
async def test_a_certificate_that_cannot_be_used(
    authority: Authority, wrong: str
) -> None:
    """It fails the session under a label of its own, and no terminal is asked."""
    own = authority.cpe("one.cpe")
    spoil(authority, own, wrong)
    async with listening(tls=authority.server("127.0.0.1", ask=True)) as tiny:
        async with wired(ca=authority.file) as (wire, _):
            with pytest.raises(ConnectFailed) as caught:
                await talk(wire, tiny.url, own)
    assert caught.value.label == "connect client certificate"
    assert "PRIVATE" not in str(caught.value)


async def test_contexts_are_dropped_but_one_that_all_share(
    authority: Authority, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After its session nothing is left of a CPE's context; a shared one serves all."""
    made: list[weakref.ref[ssl.SSLContext]] = []
    make = Tls._context

    def context(tls: Tls) -> ssl.SSLContext:
        found = make(tls)
        made.append(weakref.ref(found))
        return found

    monkeypatch.setattr(Tls, "_context", context)
    tls = authority.server("127.0.0.1", ask=True)
    own, common = authority.cpe("one.cpe"), authority.cpe("all.cpe", shared=True)
    async with listening(*[OK, DONE] * 4, tls=tls) as tiny:
        async with wired(ca=authority.file, resume=True) as (wire, _):
            for certificate in (own, own, common, common):
                await talk(wire, tiny.url, certificate)
            gc.collect()
            alive = [ref() is not None for ref in made]
    # The one of the run, two of a session each, the shared one.
    assert alive == [True, False, False, True]
