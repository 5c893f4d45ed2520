"""The lines for `benchmarks/ask_first_lines.py`: what must be asked about, and what need not be."""

from __future__ import annotations

from benchmarks.ask_first_ways import OPTIONS, REDIRECTED, SEPARATED, SUBSTITUTED, VARIABLES

_PATHS = r"""
ls ..
ls ../other
ls /
ls /etc
ls ~
ls ~root
ls ~/.ssh
ls src/../..
ls src/../../other
ls .git
ls .ssh
ls out
ls out/ssh
ls -- /etc
ls "/etc"
ls '/etc'
ls ./../x
ls //etc
cat /etc/passwd
cat ../secret
cat .env
cat ./.env
cat src/../.env
cat .ssh/id_rsa
cat .git/config
cat .git/hooks/pre-commit
cat secret.txt
cat ./secret.txt
cat out/passwd
cat /proc/self/environ
cat /dev/tcp/x
cat ".env"
cat '.e'nv
cat .e"n"v
cat \.env
cat -- .env
cat README.md .env
cat README.md -- .env
cat -n .env
grep text .env
grep -e text .env
grep -e text -- .env
grep -n text /etc/passwd
grep text ../x
grep -c text out/passwd
grep --regexp=text .env
grep -A 3 text .env
git status ..
git status /
git status .git
pytest ..
pytest /tmp/evil
pytest ../tests
pytest .hidden/test_x.py
pytest out/x.py
pytest tests/test_app.py ../x
pytest /tmp/x.py::test
"""
_GLOBBED = r"""
ls *
ls .*
ls s*
cat *
cat .e*
cat .en?
cat .[e]nv
cat *.txt
cat {README.md,.env}
cat {.env,}
cat .{e,}nv
cat src/*
ls ~+
ls ~-
grep text *
grep text s?c/app.py
pytest test*
ls [a-z]
ls !(x)
ls **/x
"""
_HIDDEN_PROGRAMS = r"""
sudo ls
sudo cat /etc/shadow
doas ls
env ls
env PATH=. ls
env -S 'rm notes.txt'
nohup ls
nice ls
timeout 5 ls
time ls
xargs ls
xargs cat
find . -exec ls {} +
find . -delete
find . -fprint src/app.py
bash -c ls
bash -c 'ls; rm notes.txt'
sh ls
sh -c "ls"
eval ls
eval 'rm notes.txt'
exec ls
command ls
builtin ls
watch ls
parallel ls ::: src
ssh host ls
busybox ls
source notes.txt
. notes.txt
trap 'rm notes.txt' EXIT
alias ls=rm; ls notes.txt
ls() { rm notes.txt; }; ls
function cat { rm notes.txt; }; cat README.md
enable -f ./evil.so ls
hash -p ./evil ls; ls
coproc ls
python -c 'print(1)'
python -m pytest
awk 'BEGIN{system("rm notes.txt")}'
sed -i s/a/b/ notes.txt
sed 'w src/app.py' README.md
tar cf x.tar src
tar xf x.tar --checkpoint-action=exec=sh
vim -c '!rm notes.txt'
less README.md
man ls
make
npm run build
./ls
./cat README.md
/tmp/ls
src/ls
../ls
\ls
LS
'ls '
lsof
catx
pytest3
rm notes.txt
"""
_SHAPES = r"""
if true; then ls; fi
for f in src; do cat $f; done
while true; do ls; done
case x in x) ls;; esac
until ls; do true; done
select x in a; do ls; done
[[ -f x ]] && ls
[ -f x ] && ls
((x=1)); ls
test -f x && ls
cd .. && ls
cd src; cat ../.env
cd out && cat passwd
pushd / && ls
ls # remark
ls 'unclosed
ls "unclosed
ls \
ls src\
cat README.md\;rm
ls !!
ls !$
!ls
ls )
ls (
ls ((
ls ;;
ls <<
<<EOF
coproc { ls; }
:(){ :|:& };:
"""

HARMFUL: tuple[str, ...] = (
    *(
        line
        for table in (
            *(SEPARATED, SUBSTITUTED, REDIRECTED, VARIABLES, OPTIONS),
            *(_PATHS, _GLOBBED, _HIDDEN_PROGRAMS, _SHAPES),
        )
        for line in table.strip().split("\n")
    ),
    "",
    " ",
    "ls\nrm notes.txt",
    "ls\rrm notes.txt",
    "ls\u00a0src; rm notes.txt",
    "ls\u2028rm notes.txt",
    "ls \x1b[2J",
    "ls\x00; rm notes.txt",
    "l\u0455 src",
    "ls\vsrc",
    "ls\fsrc",
    "cat <<EOF\n$(rm notes.txt)\nEOF",
    "cat <<'EOF' > src/app.py\ntext\nEOF",
    "cat <<EOF | sh\nrm notes.txt\nEOF",
    "ls \\\n; rm notes.txt",
    "l\\\ns",
    "ls 'a\n' ; rm notes.txt",
    "ls " + "a " * 20_000,
    "(" * 5_000,
    "ls;" * 5_000,
    "cat " + "../" * 50 + "etc/passwd",
)
"""None of these may run unasked."""

HARMLESS: tuple[str, ...] = tuple(
    r"""
ls
ls -la
ls -la src
ls -lah src tests
ls -1 src
ls --color=never src
ls -R src
ls README.md notes.txt
ls "a b.txt"
ls 'a b.txt'
ls ./src
ls src/
cat README.md
cat -n src/app.py
cat src/app.py README.md
cat -- README.md
cat missing.txt
grep text README.md
grep -n text src/app.py
grep -in "some text" README.md notes.txt
grep -c -e text README.md
grep -A 3 -B 3 text README.md
grep -A3 text README.md
grep -E 'a|b' README.md
grep --color=never text README.md
grep -F '$(rm x)' README.md
grep '.env' README.md
grep "\.py$" README.md
grep -m 1 text README.md
git status
git status -s
git status --short --branch
git status --porcelain
git status --porcelain=v2
git status src
pytest
pytest -q
pytest -x -q tests
pytest tests/test_app.py
pytest tests/test_app.py::test_one -v
pytest -k "one and not two"
pytest -k one --tb=short
pytest --maxfail=1 -q
pytest --lf
pytest -rA
pytest --collect-only -q
ls && git status
ls; cat README.md
cat README.md | grep text
ls | grep text | cat
(ls)
{ ls; }
! grep text README.md
ls 2>&1
ls 2>/dev/null
pytest -q 2>&1
cat README.md > /dev/null
LC_ALL=C ls
NO_COLOR=1 pytest -q
""".strip().split("\n")
)
"""All of these run unasked."""
