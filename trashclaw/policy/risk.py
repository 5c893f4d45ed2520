"""What a shell line may do with all rights, in words for the person who is asked about it."""

from __future__ import annotations

from trashclaw.policy.shell_lines import ShellLine, SimpleCommand

_LIMIT = 6


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_KINDS: tuple[tuple[str, frozenset[str]], ...] = (
    ("gains rights", _words("sudo doas su pkexec runuser chroot nsenter unshare setcap")),
    ("deletes", _words("rm rmdir unlink shred truncate wipefs srm trash")),
    ("changes disks", _words("dd mkfs fdisk parted mount umount losetup lvremove")),
    (
        "uses the network",
        _words(
            "curl wget ssh scp sftp rsync nc ncat socat telnet ftp ping dig nslookup host aria2c gh glab npx uvx pipx"
        )
        | _words("twine docker podman kubectl ansible terraform aws gcloud az"),
    ),
    ("installs programs", _words("pip pip3 apt apt-get yum dnf brew gem pacman apk snap flatpak npm yarn pnpm cargo")),
    (
        "changes files",
        _words("mv cp ln install tee touch mkdir patch ed split csplit chmod chown chgrp setfacl tar unzip gunzip gzip")
        | _words("sed vi vim nvim emacs rename"),
    ),
    ("ends processes", _words("kill pkill killall systemctl service shutdown reboot halt poweroff")),
    ("changes what runs later", _words("crontab at batch systemd-run launchctl")),
)
_GIT = {
    "uses the network": _words("push fetch pull clone ls-remote submodule lfs"),
    "may lose uncommitted work": _words("reset checkout restore clean stash switch"),
    "changes the repository": _words("commit merge rebase cherry-pick revert tag branch config am apply rm mv add gc"),
}


def describe(line: ShellLine) -> str:
    """Return the risks of a line, the worst first, in one line; empty if it is understood and none is known."""
    told: dict[str, list[str]] = {}
    for command in line.commands:
        for kind in _kinds(command):
            told.setdefault(kind, []).append(command.name or "?")
    if line.writes:
        told.setdefault("writes to", []).extend(line.writes)
    parts = [f"{kind}: {', '.join(_few(names))}" for kind, names in sorted(told.items(), key=_weight)]
    if line.problem:
        parts.append(f"not understood in full: {line.problem}")
    return "; ".join(parts)


def _kinds(command: SimpleCommand) -> list[str]:
    texts = [word.text or "" for word in command.words]
    kinds = [kind for kind, names in _KINDS if command.name in names]
    if command.name == "git":
        kinds += [kind for kind, names in _GIT.items() if names & set(texts[1:4])]
    if command.name == "find" and any(text.startswith(("-delete", "-fprint", "-fls")) for text in texts):
        kinds.append("deletes")
    if command.is_opaque:
        kinds.append("runs code that is not in the line")
    return kinds


def _weight(entry: tuple[str, list[str]]) -> int:
    order = [kind for kind, _ in _KINDS]
    return order.index(entry[0]) if entry[0] in order else len(order)


def _few(names: list[str]) -> list[str]:
    unique = list(dict.fromkeys(name[:60] for name in names))
    return [*unique[:_LIMIT], *(["..."] if len(unique) > _LIMIT else [])]
