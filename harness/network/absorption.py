"""How much the way to a slow client holds before its server notices: measured on this machine, not guessed.

Below a server's own queue two kernels hold bytes, and how many depends on how much went that way before.
"""

import asyncio
import socket
from typing import Final

from sync_check.harness.hazards import is_loopback
from sync_check.harness.network.slow import VIRTUAL_WINDOW, narrow_socket
from sync_check.harness.network.virtual.loop import VirtualLoop

BETWEEN: Final = 8 * 1024 * 1024
"""What a proxy on the way may hold besides: two pairs of buffers."""
MOST_NEAR: Final = 640 * 1024
"""What the kernels of this machine may hold: those who hold more do so for another reason."""
_FRAME: Final = b"\x81\x7e\x01\x29" + 297 * b" "
"""Something as long as most events are."""
_BURST: Final = 16 * 1024 * b" "
_STILL_S: Final = 0.3
"""A way that has taken nothing for so long is full: kernels try again after 200 ms."""


class Absorption:
    """What ways hold, each measured once: by a socket to ourselves."""

    def __init__(self) -> None:
        self._known: dict[int, int] = {}

    async def behind(self, frames: int, url: str) -> int:
        """About how many bytes the way from a server at `url` holds, on which so many frames came before."""
        if isinstance(asyncio.get_running_loop(), VirtualLoop):
            return VIRTUAL_WINDOW
        frames = 1 << frames.bit_length()
        held = self._known.get(frames)
        if held is None:
            held = self._known[frames] = min(await _measured(frames), MOST_NEAR)
        return held + between(url)


def between(url: str) -> int:
    """How many bytes something on the way to a server may hold: nothing is on the way within this machine."""
    is_here = is_loopback(url) or isinstance(asyncio.get_running_loop(), VirtualLoop)
    return 0 if is_here else BETWEEN


async def _measured(frames: int) -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        near = await narrow_socket(*listener.getsockname())
        far, _ = listener.accept()
    with near, far:
        far.setblocking(False)
        far.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for _ in range(frames):
            await _pass(far, near)
        return await _fill(far)


async def _pass(far: socket.socket, near: socket.socket) -> None:
    loop = asyncio.get_running_loop()
    await loop.sock_sendall(far, _FRAME)
    left = len(_FRAME)
    while left:
        left -= len(await loop.sock_recv(near, left))


async def _fill(far: socket.socket) -> int:
    held = 0
    while await _takes(far):
        try:
            while True:
                held += far.send(_BURST)
        except BlockingIOError:
            pass
    return held


async def _takes(far: socket.socket) -> bool:
    """Whether it takes something before it counts as full."""
    loop = asyncio.get_running_loop()
    ready = asyncio.Event()
    loop.add_writer(far, ready.set)
    try:
        await asyncio.wait_for(ready.wait(), _STILL_S)
    except TimeoutError:
        return False
    finally:
        loop.remove_writer(far)
    return True
