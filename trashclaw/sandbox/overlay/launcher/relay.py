"""The way from the sandbox's loopback to the gate for hosts: a port there, a unix socket here, bytes between them."""

from __future__ import annotations

import os
import selectors
import signal
import socket

from trashclaw.sandbox.overlay.launcher import kernel

_CHUNK_BYTES = 65_536
_CONNECTIONS = 256


class Relay:
    """Listens inside of the network namespace; the bytes are the gate's to judge."""

    def __init__(self, gate: str) -> None:
        self._gate = gate.encode("utf-8", "surrogateescape")
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.port: int = self._listener.getsockname()[1]
        """Where commands find it, on 127.0.0.1."""

        self._selector: selectors.BaseSelector | None = None
        self._halves: dict[socket.socket, _Half] = {}

    def fork(self, control: socket.socket) -> None:
        """Serve in a process of its own, which ends with this one."""
        if os.fork() == 0:
            try:
                kernel.prctl(kernel.PR_SET_PDEATHSIG, signal.SIGKILL)
                control.close()
                kernel.prctl(kernel.PR_SET_NO_NEW_PRIVS, 1)
                self._serve()
            finally:
                os._exit(1)
        self._listener.close()

    def _serve(self) -> None:
        self._selector = selectors.DefaultSelector()
        self._listener.setblocking(False)
        self._selector.register(self._listener, selectors.EVENT_READ)
        while True:
            for key, events in self._selector.select():
                if key.fileobj is self._listener:
                    self._accept()
                elif isinstance(key.fileobj, socket.socket) and key.fileobj in self._halves:
                    self._pass(self._halves[key.fileobj], events)

    def _accept(self) -> None:
        try:
            near = self._listener.accept()[0]
        except OSError:
            return
        far = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            if len(self._halves) >= 2 * _CONNECTIONS:
                raise ConnectionRefusedError
            far.connect(self._gate)
        except OSError:
            near.close()
            far.close()
            return
        near.setblocking(False)
        far.setblocking(False)
        self._halves[near], self._halves[far] = _Half(near), _Half(far)
        self._halves[near].other, self._halves[far].other = self._halves[far], self._halves[near]
        self._listen(self._halves[near])
        self._listen(self._halves[far])

    def _listen(self, half: _Half) -> None:
        """Wait for what a half can do now: read while the other has room, write while something waits."""
        assert self._selector is not None and half.other is not None
        events = 0
        if not half.is_at_end and len(half.other.waiting) < _CHUNK_BYTES:
            events |= selectors.EVENT_READ
        if half.waiting:
            events |= selectors.EVENT_WRITE
        if half.is_registered:
            self._selector.unregister(half.socket)
        half.is_registered = bool(events)
        if events:
            self._selector.register(half.socket, events)

    def _pass(self, half: _Half, events: int) -> None:
        other = half.other
        assert other is not None
        try:
            if events & selectors.EVENT_READ:
                self._read(half, other)
            if events & selectors.EVENT_WRITE:
                del half.waiting[: half.socket.send(half.waiting)]
                if other.is_at_end and not half.waiting:
                    half.socket.shutdown(socket.SHUT_WR)
        except BlockingIOError:
            pass
        except OSError:
            self._close(half)
            return
        if half.is_at_end and other.is_at_end and not half.waiting and not other.waiting:
            self._close(half)
            return
        self._listen(half)
        self._listen(other)

    @staticmethod
    def _read(half: _Half, other: _Half) -> None:
        data = half.socket.recv(_CHUNK_BYTES)
        other.waiting += data
        if not data:
            half.is_at_end = True
            if not other.waiting:
                other.socket.shutdown(socket.SHUT_WR)

    def _close(self, half: _Half) -> None:
        assert self._selector is not None and half.other is not None
        for one in (half, half.other):
            if one.is_registered:
                self._selector.unregister(one.socket)
            self._halves.pop(one.socket, None)
            one.socket.close()


class _Half:
    """One end of a connection, and what still has to be written to it."""

    def __init__(self, end: socket.socket) -> None:
        self.socket = end
        self.waiting = bytearray()
        self.is_at_end = False
        self.is_registered = False
        self.other: _Half | None = None
