"""A proxy: passes requests on, changed or not, and every byte of the answers as it comes."""

from __future__ import annotations

import http.client
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Self


class Relay(BaseHTTPRequestHandler):
    """One connection for one request; whichever side goes away, the other is closed too."""

    protocol_version = "HTTP/1.1"

    def rewritten(self, body: bytes) -> bytes:
        """Return what is sent in place of a body."""
        return body

    def upstream(self) -> http.client.HTTPConnection:
        """Return a connection to the server."""
        raise ConnectionError

    def began(self, status: int) -> None:
        """Hear that an answer begins."""

    def passed(self, piece: bytes) -> None:
        """Hear of a piece of the answer that was passed on."""

    def ended(self, *, is_whole: bool) -> None:
        """Hear that the answer is over."""

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Say nothing."""

    def do_GET(self) -> None:
        self._relay("GET", None)

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self._relay("POST", self.rewritten(body))

    def _relay(self, method: str, body: bytes | None) -> None:
        self.close_connection = True
        connection = self.upstream()
        is_whole = False
        try:
            connection.request(method, self.path, body, {"Content-Type": "application/json"})
            answer = connection.getresponse()
            self.began(answer.status)
            self.send_response(answer.status)
            self.send_header("Content-Type", answer.getheader("Content-Type") or "application/json")
            self.send_header("Connection", "close")
            self.end_headers()
            while piece := answer.read1(65536):
                self.passed(piece)
                self.wfile.write(piece)
                self.wfile.flush()
            is_whole = True
        except (OSError, http.client.HTTPException):
            # Either side went away; closing the other one frees the slot.
            return
        finally:
            self.ended(is_whole=is_whole)
            connection.close()


class Proxy:
    """Listens on this machine until it is closed; a context manager that does so."""

    def listen(self, handler: type[Relay], name: str) -> None:
        """Serve each connection with a handler, in a thread of the given name."""
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        self._thread = threading.Thread(target=self._server.serve_forever, name=name, daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Stop listening."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(10)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
