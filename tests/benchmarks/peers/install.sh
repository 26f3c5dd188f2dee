#!/usr/bin/env bash
# Puts the programs that Broker is compared with into a folder: Celery and Redis from Debian, BullMQ from npm. No root, nothing outside FOLDER.
#
#   install.sh [FOLDER]   default: .broker/peers in the root of the repository
#
# What is there already is not fetched again. Exit code: 0 all are there, 69 some could not be installed (each named on stderr;
# the comparison then leaves these out).
set -euo pipefail

here=$(cd -- "$(dirname -- "$(readlink -f -- "${BASH_SOURCE[0]}")")" && pwd)
mkdir -p -- "${1:-$here/../../../.broker/peers}"
folder=$(cd -- "${1:-$here/../../../.broker/peers}" && pwd)
missing=0
log=$folder/install.log
: >"$log"

missing() { # WHAT WHY
  echo "install.sh: $1 is not installed: $2 (all output: $log)" >&2
  missing=1
}

# The packages and what they depend on, without those that this machine has.
debian_packages() {
  apt-get install --simulate --no-install-recommends "$@" 2>>"$log" | awk '$1 == "Inst" { print $2 }'
}

unpack_debian() { # PACKAGE
  local packages
  packages=$(debian_packages "$1") || return
  mkdir -p -- "$folder/debs" "$folder/root"
  # shellcheck disable=SC2086
  [[ -z $packages ]] || (cd -- "$folder/debs" && apt-get download $packages >>"$log" 2>&1) || return
  find "$folder/debs" -name '*.deb' -exec dpkg-deb --extract {} "$folder/root" \; -delete
}

python_sees() { PYTHONPATH=$folder/root/usr/lib/python3/dist-packages /usr/bin/python3 -c "import $1" 2>>"$log"; }

python_sees 'celery, amqp' || unpack_debian celery || missing Celery 'apt-get has no package celery'
python_sees 'celery, amqp' || missing Celery 'its package does not import'

[[ -x $folder/root/usr/bin/redis-server ]] || unpack_debian redis-server || missing Redis 'apt-get has no package redis-server'

if ! command -v npm >/dev/null; then
  missing BullMQ 'there is no npm'
elif [[ ! -d $folder/node_modules/bullmq ]]; then
  npm install --prefix "$folder" --no-save --no-package-lock --no-audit --no-fund bullmq@5 >>"$log" 2>&1 || missing BullMQ 'npm install failed'
fi

((missing == 0)) || exit 69
