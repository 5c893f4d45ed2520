"""Which programs run other commands, and where in their arguments those stand."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Prefix:
    """A program that runs the command behind its own arguments."""

    with_value: frozenset[str] = frozenset()
    """Options whose value is the next word."""

    flags: frozenset[str] = frozenset()
    """Options without a value."""

    operands: int = 0
    """Words of its own in front of the command."""

    has_assignments: bool = False
    has_more: bool = False
    """It adds words that it reads."""

    is_joined: bool = False
    """It hands the words to a shell as a line."""

    lines: frozenset[str] = frozenset()
    """Options whose value is a line."""


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_SUDO = Prefix(
    _words("-u --user -g --group -h --host -p --prompt -C --close-from -T --command-timeout -r --role -t --type -U")
    | _words("--other-user -D --chdir -R --chroot"),
    _words("-A -b -E -e -H -K -k -l -n -P -S -s -i -V -v --non-interactive --preserve-env --login --shell --stdin"),
    has_assignments=True,
)
_NONE = Prefix()

PREFIXES = {
    "sudo": _SUDO,
    "doas": Prefix(_words("-u -C -a"), _words("-n -s -L")),
    "pkexec": Prefix(_words("--user")),
    "env": Prefix(
        _words("-u --unset -C --chdir"),
        _words("-i -0 -v - --ignore-environment"),
        has_assignments=True,
        lines=_words("-S --split-string"),
    ),
    "timeout": Prefix(_words("-k --kill-after -s --signal"), _words("--foreground --preserve-status -v"), operands=1),
    "gtimeout": Prefix(_words("-k --kill-after -s --signal"), operands=1),
    "nice": Prefix(_words("-n --adjustment")),
    "ionice": Prefix(_words("-c -n -p -P -u --class --classdata"), _words("-t")),
    "chrt": Prefix(_words("-T -P -D"), _words("-f -r -o -b -i -d"), operands=1),
    "taskset": Prefix(frozenset(), _words("-c -a"), operands=1),
    "nohup": _NONE,
    "setsid": Prefix(frozenset(), _words("-c -f -w")),
    "stdbuf": Prefix(_words("-i -o -e --input --output --error")),
    "time": Prefix(_words("-f -o --format --output"), _words("-p -a -v -q")),
    "coproc": _NONE,
    "command": Prefix(frozenset(), _words("-p -v -V")),
    "builtin": _NONE,
    "exec": Prefix(_words("-a"), _words("-c -l")),
    "noglob": _NONE,
    "nocorrect": _NONE,
    "busybox": _NONE,
    "toybox": _NONE,
    "xargs": Prefix(
        _words("-I -i -n -P -L -l -d -E -e -s -a --replace --max-args --max-procs --max-lines --delimiter --arg-file"),
        _words("-0 -r -t -p -x -o --null --no-run-if-empty --verbose"),
        has_more=True,
    ),
    "parallel": Prefix(
        _words("-j --jobs -a -I --joblog --tmpdir -S --colsep -n -N"),
        _words("-k --keep-order -m -X --dry-run"),
        has_more=True,
        is_joined=True,
    ),
    "watch": Prefix(_words("-n --interval"), _words("-d -t -b -e -g -c -x"), is_joined=True),
    "flock": Prefix(_words("-w -E --timeout"), _words("-s -x -n -u -o -F"), operands=1, lines=_words("-c --command")),
    "chroot": Prefix(frozenset(), frozenset(), operands=1),
    "unshare": Prefix(_words("-R -w -S -G --root --wd"), _words("-m -u -i -n -p -U -C -T -r -f")),
    "nsenter": Prefix(_words("-t --target -S -G"), _words("-m -u -i -n -p -U -C -a")),
    "systemd-run": Prefix(_words("-u --unit -p --property -M -H -E"), _words("--user --scope -q -G -P -t --wait")),
    "strace": Prefix(_words("-e -o -p -s -a -P -u -E -b"), _words("-f -ff -c -t -v -q -y -k")),
    "ltrace": Prefix(_words("-e -o -p -s -a -l"), _words("-f -c -S")),
    "gdb": Prefix(_words("-x -c -p"), _words("-q -batch --args"), lines=_words("-ex")),
    "ssh": Prefix(
        _words("-p -i -l -o -F -J -L -R -D -W -b -c -E -e -I -m -O -Q -S -w"),
        _words("-t -T -A -a -q -v -N -n -f"),
        operands=1,
        is_joined=True,
    ),
    "su": Prefix(_words("-s -g -G -w"), _words("- -l -m -p"), operands=1, lines=_words("-c --command")),
    "runuser": Prefix(_words("-u -g -G -s"), _words("-l -m -p"), lines=_words("-c --command")),
    "script": Prefix(_words("-o -E -T"), _words("-q -a -e -f"), lines=_words("-c --command")),
    "entr": Prefix(frozenset(), _words("-a -c -d -n -p -r -s -x -z")),
    "caffeinate": Prefix(_words("-t -w"), _words("-d -i -m -s -u")),
    "chronic": _NONE,
    "unbuffer": Prefix(frozenset(), _words("-p")),
    "rlwrap": _NONE,
    "dbus-run-session": _NONE,
    "xvfb-run": Prefix(_words("-n -s -e -f -p"), _words("-a -l")),
    "faketime": Prefix(frozenset(), _words("-f -m"), operands=1),
    "proxychains": Prefix(_words("-f"), _words("-q")),
    "firejail": _NONE,
    "bwrap": _NONE,
    "direnv": Prefix(operands=2),
    "poetry": Prefix(operands=1),
    "pipenv": Prefix(operands=1),
    "hatch": Prefix(operands=1),
    "pdm": Prefix(operands=1),
    "uv": Prefix(_words("--with --python -p --directory --project"), operands=1),
    "rye": Prefix(operands=1),
    "conda": Prefix(_words("-n -p --name --prefix"), operands=1),
    "bundle": Prefix(operands=1),
    "npx": Prefix(_words("-p --package"), _words("-y --yes"), lines=_words("-c --call")),
    "bunx": _NONE,
    "pnpx": _NONE,
    "uvx": Prefix(_words("--from --with")),
    "pipx": Prefix(operands=1),
    "docker": Prefix(
        _words("-e -w -u -v --env --workdir --user --name --network -p"), _words("-it -i -t -d --rm"), operands=2
    ),
    "podman": Prefix(
        _words("-e -w -u -v --env --workdir --user --name --network -p"), _words("-it -i -t -d --rm"), operands=2
    ),
    "kubectl": Prefix(_words("-n -c --namespace --container"), _words("-it -i -t"), operands=2),
}

SHELLS = _words("sh bash zsh dash ksh mksh ash fish csh tcsh rbash pwsh powershell")
LINE_TAKERS = _words("eval trap source .")

OPAQUE = _words(
    "make gmake cmake ninja npm yarn pnpm bun cargo go just task rake gradle gradlew mvn ant tox nox invoke fab "
    "python python2 python3 pypy perl ruby node deno php lua luajit tclsh osascript Rscript julia ghci java dotnet "
    "pytest unittest jest vitest mocha awk gawk mawk nawk vim vi ex nvim view emacs ed less more man most gdb lldb "
    "docker podman kubectl terraform ansible ansible-playbook vagrant meson scons bazel sbt swift mix lein pre-commit "
    "at batch crontab screen tmux expect socat nc ncat m4 tclsh expr-eval alias fc hash enable bind complete compgen"
)
"""They run code that stands elsewhere, or in a language of their own."""

CODE_OPTIONS = {
    "sed": ("-i", "-n", "-e", "-f", "--in-place", "--expression", "--file", "s", "e", "w"),
    "tar": ("--checkpoint-action", "--to-command", "-I", "--use-compress-program", "--rsh-command", "-F"),
    "rsync": ("-e", "--rsh", "--rsync-path"),
    "git": ("-c", "--exec", "--upload-pack", "--receive-pack", "-u", "--config-env", "--ext-diff", "-O"),
    "sort": ("--compress-program",),
    "rg": ("--pre", "--hostname-bin"),
    "zip": ("-TT", "--unzip-command"),
    "ssh": ("-o",),
    "scp": ("-o", "-S"),
}
"""Options behind which code, or the name of a program, may stand."""

INNER_LINE_OPTIONS = {
    "tar": ("--checkpoint-action", "--to-command", "-I", "--use-compress-program", "--rsh-command", "-F"),
    "rsync": ("-e", "--rsh", "--rsync-path"),
    "git": ("--upload-pack", "--receive-pack", "--exec", "--exec-path"),
    "sort": ("--compress-program",),
    "rg": ("--pre",),
    "man": ("-P", "--pager"),
    "zip": ("-TT", "--unzip-command"),
}
"""Options whose value is a program with its arguments."""
