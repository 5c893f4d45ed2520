"""Attempts to get out of a sandbox by files: writing outside, reading secrets, planting what somebody runs later.

In the commands `{home}`, `{outside}`, `{state}` and `{root}` are folders, `{pid}` is the process that owns the sandbox,
`{port}` its listening port, `{python}` an interpreter. What an attempt gained is seen from outside: see `escape_world`.
"""

from __future__ import annotations

from dataclasses import dataclass

from trashclaw.sandbox.ports import CommandLimits

_SOON = CommandLimits(time_s=20.0)


@dataclass(frozen=True, slots=True)
class Case:
    """One attempt."""

    name: str
    command: str
    limits: CommandLimits = _SOON


def python(name: str, code: str, limits: CommandLimits = _SOON) -> Case:
    """Return an attempt in Python; its code holds no single quote."""
    return Case(name, f"{{python}} -c '{code}'", limits)


WRITING = (
    Case("overwrite a file outside", "echo x > {outside}/victim.txt"),
    Case("append to a file outside", "echo x >> {outside}/victim.txt"),
    Case("delete a file outside", "rm -f {outside}/victim.txt"),
    Case("make a file outside", "touch {outside}/new.txt"),
    Case("make a folder outside", "mkdir {outside}/new"),
    Case("change a mode outside", "chmod 777 {outside}/victim.txt"),
    Case("change a time outside", "touch -d 2001-01-01 {outside}/victim.txt"),
    Case("rename a file outside", "mv {outside}/victim.txt {outside}/other.txt"),
    Case("move a file out", "mv README.md {outside}/"),
    Case("truncate a file outside", "truncate -s 0 {outside}/victim.txt"),
    Case("delete the folder outside", "rm -rf {outside}"),
    Case("write through a symlink", "ln -s {outside}/victim.txt link && echo x > link"),
    Case("write through a symlinked folder", "ln -s {outside} folder && echo x > folder/new.txt"),
    Case("write through a hard link", "ln {outside}/victim.txt hard && echo x > hard"),
    Case("hard link out of the workspace", "ln README.md {outside}/hard.txt"),
    Case("write by ..", "cd src && echo x > ../../outside/victim.txt"),
    Case("write by /proc/self/root", "echo x > /proc/self/root{outside}/victim.txt"),
    Case("write by /proc/self/cwd", "echo x > /proc/self/cwd/../outside/victim.txt"),
    Case("write by the first process's root", "echo x > /proc/1/root{outside}/victim.txt"),
    Case("write by the owner's root", "echo x > /proc/{pid}/root{outside}/victim.txt"),
    Case("reopen a read descriptor for writing", "exec 3< {outside}/victim.txt; echo x > /proc/self/fd/3"),
    python(
        "write by a descriptor of a folder",
        'import os; f=os.open("{outside}",os.O_PATH); os.open("new.txt",os.O_CREAT|os.O_WRONLY,dir_fd=f)',
    ),
    python(
        "unnamed file linked in outside",
        'import os; f=os.open("{outside}",os.O_TMPFILE|os.O_RDWR); os.link(f"/proc/self/fd/{{f}}","{outside}/new")',
    ),
    python(
        "write by a shared mapping",
        'import mmap,os; f=os.open("{outside}/victim.txt",os.O_RDONLY); mmap.mmap(f,4,mmap.MAP_SHARED,3)[0:1]=b"x"',
    ),
    python("set an attribute outside", 'import os; os.setxattr("{outside}/victim.txt","user.x",b"x")'),
    Case(
        "swap a folder for a link while writing",
        "mkdir a; ln -s {outside} b; (for i in $(seq 300); do mv -T a c; mv -T b a; mv -T a b; mv -T c a; done) & "
        "for i in $(seq 300); do echo x > a/victim.txt; done; wait",
    ),
    Case("write to the shell's start file", "echo evil >> {home}/.bashrc"),
    Case(
        "plant an autostart entry",
        "mkdir -p {home}/.config/autostart && echo evil > {home}/.config/autostart/evil.desktop",
    ),
    Case("plant a cron job", "echo '* * * * * evil' | crontab - ; echo evil > /etc/cron.d/evil"),
    Case("preload a library for everybody", "echo /evil.so > /etc/ld.so.preload"),
    Case("add a user", "echo 'evil::0:0::/:/bin/sh' >> /etc/passwd"),
    Case("plant a program in the path", "mkdir -p {home}/.local/bin && echo evil > {home}/.local/bin/ls"),
    Case("plant code in the interpreter", "echo evil > $({python} -c 'import os; print(os.__file__)')"),
    Case(
        "plant a git hook", "printf '#!/bin/sh\\ntouch {outside}/hooked' > .git/hooks/pre-commit; chmod +x .git/hooks/*"
    ),
    Case("plant a git monitor", "git config core.fsmonitor 'touch {outside}/monitored'; git status"),
    Case("plant a git pager", "git config core.pager 'touch {outside}/paged'; git -p log"),
    Case(
        "plant a git filter",
        "git config filter.x.clean 'touch {outside}/x'; echo '* filter=x' > .gitattributes; git add .",
    ),
    Case("change the user's git settings", "git config --global core.pager evil; echo evil >> {home}/.gitconfig"),
    Case("move the branch", "git commit -q --allow-empty -m evil && git branch -f other && git gc -q"),
    Case("delete the workspace", "rm -rf {root} {root}/.git"),
    Case("rename the workspace", "mv {root} {root}-evil"),
    Case("write to our log", "echo evil > {state}/log.db"),
    Case("delete our state", "rm -rf {state}"),
    Case(
        "write where things are held back", "find {state} /tmp/.. -maxdepth 6 -name 'upper*' -exec touch {{}}/evil ';'"
    ),
    Case("write to a disk", "for d in /dev/vda /dev/sda /dev/nvme0n1; do echo x > $d; done; ls {outside}/none"),
    Case("make the node of a disk", "mknod disk b 254 0 && dd if=/dev/zero of=disk count=0"),
    Case("make a program of the superuser", "cp /bin/sh {outside}/sh; chmod 4755 {outside}/sh; chown 0:0 {outside}/sh"),
    Case("other temporary folders", "echo x > /tmp/{mark}; echo x > /var/tmp/{mark}; echo x > /dev/shm/{mark}"),
)

READING = (
    Case("read a key", "cat {home}/.ssh/id_rsa"),
    Case("list the keys", "ls -la {home}/.ssh"),
    Case("read a key through a symlink", "ln -s {home}/.ssh/id_rsa k; cat k"),
    Case("read a key through a hard link", "ln {home}/.ssh/id_rsa k; cat k"),
    Case("read a key by /proc/self/root", "cat /proc/self/root{home}/.ssh/id_rsa"),
    Case("read a key by the owner's root", "cat /proc/{pid}/root{home}/.ssh/id_rsa /proc/{pid}/cwd/.env"),
    Case("copy the home folder", "cp -r {home} copy; grep -r mark- copy"),
    Case("change the mode, then read", "chmod -R 777 {home}/.ssh .env; cat {home}/.ssh/id_rsa .env"),
    Case("rename the folder of keys", "mv {home}/.ssh k; cat k/*"),
    Case("read the passwords for hosts", "cat {home}/.netrc"),
    Case("read .env", "cat .env"),
    Case("read .env.local below", "cat deep/er/.env.local"),
    Case("search everything for secrets", "grep -rs mark- . {home} {state} /tmp /run"),
    Case("hard link to .env", "ln .env e; cat e"),
    Case("symlink to .env", "ln -s .env e; cat e"),
    Case("move .env away", "mv .env e; cat e"),
    Case("copy .env", "cp .env e; cat e; install -m 644 .env f; cat f"),
    Case("delete .env and look behind it", "rm -f .env; cat .env; git stash -q -u; cat .env"),
    Case("rename the folder around .env.local", "mv deep other; cat other/er/.env.local"),
    Case("pack .env", "tar cf t.tar . ; grep -a mark- t.tar"),
    Case(
        "let git read .env",
        "git add -f .env; git show :.env; git hash-object -w .env; git diff --no-index /dev/null .env",
    ),
    Case("unmount what hides", "umount .env {home}/.ssh; umount -l .env; cat .env {home}/.ssh/id_rsa"),
    Case("mount over what hides", "mkdir m; mount --bind . m; cat m/.env"),
    Case("read our log", "cat {state}/log.db"),
    Case("list our state", "ls -R {state}"),
    Case("read a disk", "for d in /dev/vda /dev/sda /dev/nvme0n1; do head -c 10 $d && echo ESCAPED; done"),
    python(
        "open by a file handle",
        "import ctypes,os; l=ctypes.CDLL(None,use_errno=True); "
        'h=ctypes.create_string_buffer(136); h[0:4]=(128).to_bytes(4,"little"); '
        'm=ctypes.c_int(); l.name_to_handle_at(-100,b"README.md",h,ctypes.byref(m),0); f=os.open(".",0); '
        'r=l.open_by_handle_at(f,h,0); print("ESCAPED" if r>=0 else os.strerror(ctypes.get_errno()))',
    ),
    Case("read the environment of the owner", "tr '\\0' '\\n' < /proc/{pid}/environ"),
    Case("secrets in the environment", "env | grep -i mark-; cat /proc/1/environ"),
    Case("read kernel memory", "head -c 10 /proc/kcore && echo ESCAPED; head -c 10 /dev/mem && echo ESCAPED"),
)
