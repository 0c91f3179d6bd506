"""
A shard from its order to its last snapshot.

Rule: what can go wrong before the start is told as refused; nothing starts untold.
"""

from __future__ import annotations

import gc
from collections.abc import Awaitable, Callable
from time import perf_counter, time
from typing import Any

import trio

from cpesim.device.world import World
from cpesim.engine.listener import Paths
from cpesim.engine.loads.begin import know
from cpesim.engine.order import Message, Order
from cpesim.engine.shard import Receive, Running, build
from cpesim.engine.site import open_site
from cpesim.errors import ConfigError, MachineError

Send = Callable[[Message], Awaitable[None]]


async def run_shard(
    order: Order,
    send: Send,
    receive: Receive,
    begun: Callable[[Running], None] | None = None,
) -> None:
    """
    Run a shard from its order to its last snapshot.

    *begun* is handed the shard before it starts, by who drives it from within.

    Messages and commands are those of engine/order.py; nothing starts before the
    command "start", which names the *epoch*, the Unix time of the run's second 0.
    """
    began = perf_counter()
    world = World(
        order.seed,
        acs_url=order.acs.url,
        timers=order.timers,
        patience=int(order.acs.response_timeout),
    )
    paths = Paths(order.secret)
    try:
        listener, world.url = await trio.to_thread.run_sync(
            open_site, order.acs, paths, order.shard.index
        )
    except (MachineError, ConfigError) as error:
        await send(("refused", (type(error).__name__, str(error))))
        return
    async with listener:
        devices = build(order, world)
        know(order, devices)
        # 22 ms a full pass over 50,000 devices; what is built here never goes.
        gc.collect()
        gc.freeze()
        ready: dict[str, Any] = {
            "listen": listener.socket.getsockname()[:2],
            "devices": len(devices),
            "built": perf_counter() - began,
        }
        await send(("ready", ready))
        command = await receive()
        world.epoch = float(command.arguments["epoch"])
        running = Running(
            order, devices, world, trio.current_time() + world.epoch - time()
        )
        if begun is not None:
            begun(running)
        await send(("ack", command.id))
        async with trio.open_nursery() as nursery:
            nursery.start_soon(_forward, running.outbox, send)
            await running.run(listener, paths, receive)
        await send(("end", {}))


async def _forward(outbox: trio.MemoryReceiveChannel[Message], send: Send) -> None:
    async with outbox:
        async for message in outbox:
            await send(message)
