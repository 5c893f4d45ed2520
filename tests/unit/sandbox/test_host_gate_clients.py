"""The host gate with the programs that people use: each finds it by the environment alone."""

from __future__ import annotations

import asyncio
import http.server
import os
import shutil
import ssl
import subprocess
import sys
import threading
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest

from trashclaw.sandbox.host_gate import HostGate
from trashclaw.sandbox.host_pass import Pass

FETCH = "import sys, urllib.request; print(urllib.request.urlopen(sys.argv[1]).read().decode())"


class _Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *args: object) -> None:
        pass


async def to_this_machine(host: str, port: int) -> Sequence[str]:
    """Resolve every name to the loopback."""
    return ["127.0.0.1"]


@contextmanager
def served(folder: Path, certificate: Path | None = None) -> Iterator[int]:
    """Serve a folder on the loopback, over TLS with a certificate; give the port."""
    with http.server.ThreadingHTTPServer(
        ("127.0.0.1", 0), lambda *args: _Quiet(*args, directory=str(folder))
    ) as server:
        if certificate is not None:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(certificate)
            server.socket = context.wrap_socket(server.socket, server_side=True)
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield server.server_address[1]
        finally:
            server.shutdown()
            thread.join(10)


@pytest.fixture
def site(tmp_path: Path) -> Path:
    folder = tmp_path / "site"
    folder.mkdir()
    (folder / "index.html").write_text("hello from the site", encoding="utf-8")
    return folder


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("openssl is not here to make a certificate")
    both = tmp_path / "both.pem"
    subprocess.run(
        [
            *(openssl, "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=api.example.com"),
            *(
                "-addext",
                "subjectAltName=DNS:api.example.com",
                "-keyout",
                str(both),
                "-out",
                str(tmp_path / "cert.pem"),
            ),
        ],
        check=True,
        capture_output=True,
        timeout=60,
    )
    both.write_bytes(both.read_bytes() + (tmp_path / "cert.pem").read_bytes())
    return both


@pytest.fixture
async def gate() -> AsyncIterator[HostGate]:
    gate = HostGate(resolve=to_this_machine)
    yield gate
    await gate.aclose()


async def run(gate: HostGate, granted: Pass, *command: str, cwd: Path | None = None) -> tuple[int | None, str]:
    """Run a program with the environment of a pass; return its exit code and all its output."""
    if shutil.which(command[0]) is None:
        pytest.skip(f"{command[0]} is not here")
    env = os.environ | granted.environment(await gate.listen_on_loopback())
    process = await asyncio.create_subprocess_exec(
        *command, env=env, cwd=cwd, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
    )
    output, _ = await asyncio.wait_for(process.communicate(), 60)
    return process.returncode, output.decode()


@pytest.mark.parametrize(
    "program", [["curl", "-sS", "--fail-with-body"], [sys.executable, "-c", FETCH]], ids=["curl", "python"]
)
async def test_a_program_reaches_a_granted_host_and_no_other(gate: HostGate, site: Path, program: list[str]) -> None:
    with served(site) as port:
        granted = await gate.admit([f"api.example.com:{port}", f"127.0.0.1:{port}"])
        reached, answer = await run(gate, granted, *program, f"http://api.example.com:{port}/")
        code, output = await run(gate, granted, *program, f"http://other.example.com:{port}/")
    assert (reached, answer.strip()) == (0, "hello from the site")
    assert granted.sent["api.example.com"] > 100
    assert code != 0 and "403" in output
    assert granted.denied == (f"other.example.com:{port}",)


@pytest.mark.parametrize(
    "program",
    [["curl", "-sS", "--cacert", "cert.pem"], [sys.executable, "-c", FETCH]],
    ids=["curl", "python"],
)
async def test_a_tls_connection_goes_through_to_the_end(
    gate: HostGate,
    site: Path,
    certificate: Path,
    program: list[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "cert.pem"))
    with served(site, certificate) as port:
        granted = await gate.admit([f"*.example.com:{port}", f"localhost:{port}"])
        code, output = await run(gate, granted, *program, f"https://api.example.com:{port}/", cwd=tmp_path)
        denied, told = await run(gate, granted, *program, f"https://example.com:{port}/", cwd=tmp_path)
    assert (code, output.strip()) == (0, "hello from the site")
    assert granted.sent["api.example.com"] > 300
    assert denied != 0 and "403" in told and granted.denied == (f"example.com:{port}",)


async def test_git_clones_through_the_gate(gate: HostGate, site: Path, tmp_path: Path) -> None:
    source = tmp_path / "source"
    for arguments in (
        ["init", "-q", str(source)],
        ["-C", str(source), "commit", "-q", "--allow-empty", "-m", "Begin"],
        ["clone", "-q", "--bare", str(source), str(site / "source.git")],
        ["-C", str(site / "source.git"), "update-server-info"],
    ):
        subprocess.run(["git", *arguments], check=True, timeout=60)
    with served(site) as port:
        granted = await gate.admit([f"git.example.com:{port}", f"localhost:{port}"])
        url = f"http://git.example.com:{port}/source.git"
        code, output = await run(gate, granted, "git", "clone", "-q", url, str(tmp_path / "clone"))
        assert code == 0, output
        granted = await gate.admit([])
        code, output = await run(gate, granted, "git", "clone", "-q", url, str(tmp_path / "refused"))
    assert code != 0 and granted.denied == (f"git.example.com:{port}",)
    assert (tmp_path / "clone" / ".git").is_dir()


async def test_a_large_answer_arrives_whole(gate: HostGate, site: Path) -> None:
    (site / "large").write_bytes(os.urandom(8_000_000))
    with served(site) as port:
        granted = await gate.admit([f"api.example.com:{port}", f"localhost:{port}"])
        target = site / "copy"
        for extra in ([], ["--proxytunnel"]):
            code, output = await run(
                gate, granted, "curl", "-sS", *extra, "-o", str(target), f"http://api.example.com:{port}/large"
            )
            assert code == 0, output
            assert target.read_bytes() == (site / "large").read_bytes()
