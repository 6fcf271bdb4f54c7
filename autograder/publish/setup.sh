#!/bin/sh
# Makes .venv-otter: otter-grader in a Python of its own, beside .venv (`make setup` makes that).
# It does nothing when all is in place. A path file lets otter import the plugin from this tree.
set -u
cd "$(dirname "$0")/../.." || exit 3

venv=.venv-otter
pins=autograder/publish/requirements-otter.txt
stamp=$venv/pagedlab-installed.txt
export PIP_USER=0 PIP_DISABLE_PIP_VERSION_CHECK=1

say() { printf '%s\n' "$*" >&2; }
fail() { say "pagedlab: $*"; exit 3; }

wanted() { pwd; cat $pins; }
[ -x $venv/bin/python ] && [ -f $stamp ] && [ "$(wanted)" = "$(cat $stamp)" ] && exit 0

rm -f $stamp
say "Making $venv: otter-grader and what it brings along (285 MB)"
.venv/bin/python -m venv --clear $venv || fail "$venv cannot be made"
$venv/bin/python -m pip install --no-input --quiet --no-deps -r $pins >&2 ||
    fail "pip could not install everything (its reason is above); run the same command again"
site=$($venv/bin/python -c 'import sysconfig; print(sysconfig.get_path("purelib"))')
pwd >"$site/pagedlab.pth"
wanted >$stamp.part && mv $stamp.part $stamp
say "Ready."
