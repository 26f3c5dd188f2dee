#!/usr/bin/env bash
# Installs the system's rabbitmq-server package (Debian, Ubuntu) and keeps its system service disabled:
# only the programs are wanted. Does nothing if the package is installed.
# Exit code: 0 installed, 69 not possible here (one line on stderr says what to do instead).
set -euo pipefail
interrupted=
trap 'interrupted=yes; stop_apt' INT TERM HUP

advice='install the package rabbitmq-server, or set BROKER_URL to a RabbitMQ that runs'
fail() { echo "broker: $1: $advice" >&2; exit 69; }

# What is downloading may be stopped. What is unpacking may not: half-installed packages would be
# worse than an exit a few seconds late.
stop_apt() { [[ -z ${apt:-} || -n ${unpacking:-} ]] || kill -INT "$apt" 2>/dev/null || true; }

apt_get() {
  # A job of its own: a Ctrl-C at the terminal would otherwise reach dpkg too. The job's own process
  # group also keeps SIGINT at its default, which a plain background process would ignore.
  set -m
  "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -qq -y -o DPkg::Lock::Timeout=300 \
    -o Dpkg::Use-Pty=0 "$@" </dev/null >>"$log" 2>&1 &
  apt=$!
  set +m
  local code=0
  while :; do
    wait "$apt" 2>/dev/null && code=0 || code=$?
    [[ -d /proc/$apt ]] || break # a signal ended the wait, not apt-get
  done
  apt=
  [[ -z $interrupted ]] || exit 130
  return "$code"
}

install_package() {
  apt_get --no-install-recommends --download-only install rabbitmq-server || return
  unpacking=yes
  apt_get --no-install-recommends install rabbitmq-server
}

# Debian starts a service as soon as its package is installed, unless this file forbids it.
policy=/usr/sbin/policy-rc.d
forbid_services() {
  [[ ! -e $policy ]] || return 0 # the administrator's own policy stays
  trap 'allow_services; rm -f -- "$log"' EXIT
  printf '#!/bin/sh\n# broker: no service starts during this installation\nexit 101\n' |
    "${as_root[@]}" sh -c "cat >$policy && chmod 755 $policy"
}

allow_services() {
  ! grep -qs '^# broker: no service starts' "$policy" || "${as_root[@]}" rm -f "$policy"
}

[[ ! -x /usr/lib/rabbitmq/bin/rabbitmq-server ]] || exit 0
command -v apt-get >/dev/null || fail 'no RabbitMQ here, and no apt-get to install it'
as_root=()
if ((EUID != 0)); then
  sudo -n true 2>/dev/null || fail 'no RabbitMQ here, and no right to install it'
  as_root=(sudo -n)
fi

echo 'Installing rabbitmq-server with apt-get (its system service stays off) ...' >&2
log=$(mktemp)
trap 'rm -f -- "$log"' EXIT
services=(rabbitmq-server.service)
[[ -e /lib/systemd/system/epmd.service ]] || services+=(epmd.service) # comes with Erlang
forbid_services
if ! apt-cache policy rabbitmq-server 2>/dev/null | grep -q 'Candidate: [^(]' || ! install_package; then
  apt_get update || true # other package sources may be reachable
  install_package || { tail -n 5 "$log" >&2; fail 'apt-get could not install RabbitMQ'; }
fi
# Nor at the next boot.
! command -v systemctl >/dev/null || "${as_root[@]}" systemctl disable "${services[@]}" >/dev/null 2>&1 || true
