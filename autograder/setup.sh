#!/bin/sh
# Makes .venv hold exactly what requirements.txt pins. Every make target runs it first;
# it does nothing when all is in place. It writes to stderr only.
#
#   sh autograder/setup.sh                 make or finish .venv (exit 0, or 3 and one line why not)
#   sh autograder/setup.sh --interpreter   print the best Python there is; make nothing
#
# PYTHON, when set, is the interpreter to use. The stamp is written last: an interrupted install
# has none, and the next run finishes it and checks it file by file.
set -u
cd "$(dirname "$0")/.." || exit 3

venv=.venv
python=$venv/bin/python
stamp=$venv/pagedlab-installed.txt
export PIP_USER=0 PIP_DISABLE_PIP_VERSION_CHECK=1

say() { printf '%s\n' "$*" >&2; }
fail() { say "pagedlab: $*"; exit 3; }
trap 'say; say "pagedlab: interrupted; run the same command again to go on"; exit 130' INT TERM

version_of() { "$1" -S -c 'import sys; print("%d.%d" % sys.version_info[:2])' 2>/dev/null; }

# networkx, which torch needs, refuses Python 3.14.1 for a bug that 3.14.2 mended.
is_suitable() {
    "$1" -S -c 'import sys; v = sys.version_info[:3]
sys.exit(not (sys.implementation.name == "cpython" and (3, 11) <= v < (3, 15) and v != (3, 14, 1)))' \
        >/dev/null 2>&1
}
can_make_venv() { "$1" -c 'import ensurepip, venv' >/dev/null 2>&1; }

venv_missing() {
    fail "$1 cannot make a virtual environment. On Debian or Ubuntu run:" \
        "sudo apt install python$(version_of "$1")-venv"
}

# 3.14 comes last: nobody has run PagedLab on it yet. A name on the PATH is no proof: pyenv leaves shims for versions that are switched off.
find_python() {
    if [ -n "${PYTHON:-}" ]; then
        is_suitable "$PYTHON" || fail "PYTHON=$PYTHON is not a Python 3.11 to 3.14 (3.14.1 excepted)"
        can_make_venv "$PYTHON" || venv_missing "$PYTHON"
        base=$PYTHON
        return
    fi
    incomplete=
    for base in python3.13 python3.12 python3.11 python3.14 python3; do
        is_suitable "$base" || continue
        can_make_venv "$base" && return
        incomplete=${incomplete:-$base}
    done
    [ -z "$incomplete" ] || venv_missing "$incomplete"
    fail "needs Python 3.11 to 3.14 (3.14.1 excepted) and found none." \
        "Install one, or name it: make PYTHON=/path/to/python3.12"
}

wanted() { echo "python $(version_of $python)"; cat requirements.txt; }
is_ready() { [ -x $python ] && [ -f $stamp ] && [ "$(wanted)" = "$(cat $stamp)" ] && is_asked_for; }
is_asked_for() { [ -z "${PYTHON:-}" ] || [ "$(version_of "$PYTHON")" = "$(version_of $python)" ]; }
has_pip() {
    $python -m pip --version >/dev/null 2>&1 && return
    $python -m ensurepip >/dev/null 2>&1 && $python -m pip --version >/dev/null 2>&1
}
is_kept() { [ -x $python ] && is_suitable $python && is_asked_for && has_pip; }

pip_install() {
    # Progress bars where someone watches, silence in a log.
    [ -t 2 ] && quiet= || quiet=--quiet
    $python -m pip install --no-input $quiet "$@" >&2 ||
        fail "pip could not install everything (its reason is above);" \
            "check the network and the free disk space, then run the same command again"
}
damaged() { $python -P autograder/doctor/installed.py requirements.txt; }

if [ "${1:-}" = --interpreter ]; then
    if [ -x $python ] && is_suitable $python; then echo $python; exit 0; fi
    find_python
    echo "$base"
    exit 0
fi
is_ready && exit 0

rm -f $stamp
if is_kept; then
    say "[1/3] Keeping $venv (Python $(version_of $python))"
else
    find_python
    say "[1/3] Making $venv with $base (Python $(version_of "$base"))"
    "$base" -m venv --clear $venv >/dev/null 2>&1 || venv_missing "$base"
fi
say "[2/3] Installing requirements.txt (the first time takes minutes and up to several gigabytes)"
pip_install -r requirements.txt
say "[3/3] Checking every installed file"
broken=$(damaged) || fail "the check of the installed files broke down; this is a fault of PagedLab"
if [ -n "$broken" ]; then
    say "      Installing again what an interrupted install left half done:" $broken
    pip_install --ignore-installed --no-deps $broken
    broken=$(damaged)
    [ -z "$broken" ] || fail "still damaged:" $broken "- remove $venv and run the same command again"
fi
wanted >$stamp.part && mv $stamp.part $stamp
say "Ready."
