#!/usr/bin/env bash
# Builds the image, once for each upload of the zip. As root, with a network, on Ubuntu 22.04 or
# later. Two environments, as otter and the grader pin some packages differently:
#   engine-venv    what grading needs: engine/requirements.txt, with torch's build for CPUs
#   otter-venv     what otter-grader's own grading imports: requirements-otter.txt
set -euo pipefail
source=$(cd "$(dirname "$0")" && pwd)
place=$(dirname "$source")
export DEBIAN_FRONTEND=noninteractive PIP_NO_INPUT=1 PIP_DISABLE_PIP_VERSION_CHECK=1
export PIP_NO_CACHE_DIR=1

apt-get update
apt-get install -y --no-install-recommends ca-certificates gcc libc6-dev software-properties-common
if ! apt-get install -y --no-install-recommends python3.12 python3.12-venv python3.12-dev; then
    add-apt-repository -y ppa:deadsnakes/ppa  # Ubuntu 22.04 has no Python 3.12 of its own
    apt-get update
    apt-get install -y --no-install-recommends python3.12 python3.12-venv python3.12-dev
fi

torch=$(sed -n 's/^\(torch==[0-9.]*\).*/\1/p' "$source/engine/requirements.txt")
python3.12 -m venv "$place/engine-venv"
"$place/engine-venv/bin/pip" install --index-url https://download.pytorch.org/whl/cpu --no-deps "$torch"
"$place/engine-venv/bin/pip" install -r "$source/engine/requirements.txt"
python3.12 -m venv "$place/otter-venv"
"$place/otter-venv/bin/pip" install --no-deps -r "$source/requirements-otter.txt"

# Workers run as another user, and have to read the interpreter they run in.
chmod -R go+rX "$place/engine-venv"
"$place/engine-venv/bin/python" -m compileall -q "$source/engine/autograder"
cd "$source/engine"
"$place/engine-venv/bin/python" -m autograder doctor || true  # what this image can grade, in the log
"$place/otter-venv/bin/python" -c 'import autograder.publish.plugin'
