#!/usr/bin/env bash
# A private RabbitMQ broker: no root, no service, no files outside DIR.
#
#   private-broker.sh start DIR   start the broker in DIR, or start it again with the
#                                 same data, ports and password; prints its URL when it answers AMQP
#   private-broker.sh stop DIR    clean stop of the broker and its epmd; the data stays
#   private-broker.sh halt DIR    clean stop of the broker alone; its epmd stays
#   private-broker.sh kill DIR    kill -9 of the broker, as in a crash; its epmd stays
#   private-broker.sh url DIR     print the URL, running or not
#   private-broker.sh ctl DIR ARGUMENT...   run rabbitmqctl on it
#
# DIR is created if missing and readable by its owner only. start and stop do nothing when there is
# nothing to do. Any number of brokers may run side by side, each on 127.0.0.1 with its own ports.
# Exit code: 0 done, 1 the broker did not start, 64 wrong usage, 69 no rabbitmq-server here.
#
# Environment: RABBITMQ_SERVER_BIN       folder of rabbitmq-server (default: /usr/lib/rabbitmq/bin)
#              PRIVATE_BROKER_CONF       file appended to rabbitmq.conf when DIR is new
#              PRIVATE_BROKER_SECONDS    how long start and stop may take (default: 90)
set -euo pipefail
trap 'exit 130' INT
trap 'exit 143' TERM HUP

fail() { echo "private-broker: $2" >&2; exit "$1"; }

[[ ${2:-} && ( $# -eq 2 && $1 =~ ^(start|stop|halt|kill|url)$ || $# -gt 2 && $1 == ctl ) ]] ||
  fail 64 "usage: ${0##*/} start|stop|halt|kill|url|ctl DIR"
command=$1 dir=$2
shift 2
if [[ $command == start ]]; then
  (umask 077 && mkdir -p -- "$dir")
elif [[ ! -s $dir/settings ]]; then
  [[ $command != url && $command != ctl ]] || fail 1 "there is no broker in $dir"
  exit 0
fi
dir=$(cd -- "$dir" && pwd)
timeout_seconds=${PRIVATE_BROKER_SECONDS:-90}
bin=${RABBITMQ_SERVER_BIN:-/usr/lib/rabbitmq/bin}

listening() { (: >"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }

# An open port is not yet a broker: only a started one answers the protocol header, with a method
# frame (type 1) on channel 0.
answers_amqp() {
  # shellcheck disable=SC2016
  [[ $(timeout 2 bash -c 'exec 3<>"/dev/tcp/127.0.0.1/$1" && printf "AMQP\0\0\x09\x01" >&3 &&
    head -c 3 <&3 | od -An -tx1' - "$1" 2>/dev/null) == " 01 00 00" ]]
}

# A pid file outlives its process, and the pid may have been reused. Processes of this
# broker are identified by a variable in their environment instead, which children inherit.
mark() { echo "PRIVATE_BROKER=$1 of $dir"; }

members() { # NAME -> pids
  { grep -lzxF -- "$(mark "$1")" /proc/[0-9]*/environ 2>/dev/null || true; } | cut -d/ -f3
}

ours() { # NAME -> does its leading process run?
  [[ -s $dir/$1.pid ]] && grep -qzxF -- "$(mark "$1")" "/proc/$(<"$dir/$1.pid")/environ" 2>/dev/null
}

wait_until_gone() { # NAME SECONDS
  local end=$((SECONDS + $2))
  while ours "$1"; do
    ((SECONDS < end)) || return 1
    sleep 0.05
  done
}

# In a session of its own, so that a Ctrl-C at the caller's terminal does not reach it.
launch() { # NAME PROGRAM ARGUMENT...
  local name=$1
  shift
  env "$(mark "$name")" setsid "$@" </dev/null >"$dir/$name.log" 2>&1 9>&- 8>&- &
  echo $! >"$dir/$name.pid"
  disown
}

# Three ports in a row, below the range that the kernel gives to outgoing connections. The broker
# that listens on the first (with its epmd) owns the row; the machine-wide lock keeps two brokers
# from choosing at the same moment.
choose_ports() {
  exec 8>"/tmp/private-broker-ports-$(id -u).lock"
  flock 8
  local first
  while :; do
    first=$((16000 + RANDOM % 5000 * 3))
    listening "$first" || listening $((first + 1)) || listening $((first + 2)) || break
  done
  epmd_port=$first dist_port=$((first + 1)) amqp_port=$((first + 2))
}

configure() {
  umask 077
  [[ -n ${password:-} ]] || password=$(od -An -N16 -tx1 /dev/urandom | tr -d ' \n')
  printf '%s\n' "epmd_port=$epmd_port" "dist_port=$dist_port" "amqp_port=$amqp_port" "password=$password" \
    "node=${node:-broker}" "cluster_epmd=${cluster_epmd:-$epmd_port}" >"$dir/settings.new"
  {
    printf '%s\n' "listeners.tcp.1 = 127.0.0.1:$amqp_port" 'default_user = broker' \
      "default_pass = $password" 'log.file.level = info' 'raft.wal_max_size_bytes = 67108864' 'consumer_timeout = 86400000'
    [[ -z ${PRIVATE_BROKER_CONF:-} ]] || cat -- "$PRIVATE_BROKER_CONF"
  } >"$dir/rabbitmq.conf"
  [[ -s $dir/enabled_plugins ]] || echo '[].' >"$dir/enabled_plugins"
  mkdir -p "$dir/home"
  [[ -s $dir/home/.erlang.cookie ]] || od -An -N16 -tx1 /dev/urandom | tr -d ' \n' >"$dir/home/.erlang.cookie"
  mv "$dir/settings.new" "$dir/settings"
}

start_epmd() {
  launch epmd epmd -port "$epmd_port" -address 127.0.0.1
  local launched=$! end=$((SECONDS + 10))
  until listening "$epmd_port"; do
    ((SECONDS < end)) && kill -0 "$launched" 2>/dev/null || return 1
    sleep 0.02
  done
}

use_own_settings() {
  local name
  # Nothing that the caller has set for another RabbitMQ or Erlang may leak into this one.
  for name in "${!RABBITMQ_@}" "${!ERL_@}"; do unset "$name"; done
  export HOME="$dir/home" LANG=C.UTF-8 ERL_EPMD_PORT=${cluster_epmd:-$epmd_port} ERL_EPMD_ADDRESS=127.0.0.1 \
    RABBITMQ_NODENAME=${node:-broker}@localhost RABBITMQ_DIST_PORT=$dist_port RABBITMQ_CONF_ENV_FILE=/dev/null \
    RABBITMQ_CONFIG_FILE="$dir/rabbitmq.conf" RABBITMQ_CONFIG_FILES="$dir/conf.d" \
    RABBITMQ_ADVANCED_CONFIG_FILE="$dir/advanced.config" RABBITMQ_ENABLED_PLUGINS_FILE="$dir/enabled_plugins" \
    RABBITMQ_MNESIA_BASE="$dir/data" RABBITMQ_LOG_BASE="$dir" RABBITMQ_LOGS="$dir/rabbitmq.log" \
    RABBITMQ_PID_FILE="$dir/rabbitmq.pid" \
    RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS='-kernel inet_dist_use_interface {127,0,0,1}'
  cd "$dir"
}

start_server() {
  use_own_settings
  launch server "$bin/rabbitmq-server"
}

wait_until_ready() {
  local launched=$1 end=$((SECONDS + timeout_seconds))
  until answers_amqp "$amqp_port"; do
    if ! kill -0 "$launched" 2>/dev/null; then
      tail -n 20 "$dir/server.log" >&2
      fail 1 "the broker in $dir ended while starting; see server.log and rabbitmq.log there"
    fi
    ((SECONDS < end)) || fail 1 "the broker in $dir does not answer after $timeout_seconds s; see rabbitmq.log there"
    sleep 0.1
  done
}

kill_part() { # NAME
  local pid
  for pid in $(members "$1"); do kill -KILL "$pid" 2>/dev/null || true; done
}

stop_part() { # NAME SECONDS
  ! ours "$1" || kill -TERM "$(<"$dir/$1.pid")" 2>/dev/null || true
  wait_until_gone "$1" "$2" || true
  kill_part "$1"
}

# The newest child may have been interrupted before it carried its mark.
abandon() {
  trap '' INT TERM HUP
  disown -a
  [[ -z ${!:-} ]] || kill -KILL "$!" 2>/dev/null || true
  kill_part server
  kill_part epmd
}

start() {
  [[ -x $bin/rabbitmq-server ]] || fail 69 "no rabbitmq-server in $bin: install the package rabbitmq-server"
  exec 9>"$dir/lock"
  flock 9 # another start in the same folder: wait for it, then find the broker running
  local launched
  if [[ -s $dir/settings ]]; then read_settings; fi
  if ours server && [[ -n ${amqp_port:-} ]]; then
    wait_until_ready "$(<"$dir/server.pid")"
    return
  fi
  trap '[[ -n ${ready:-} ]] || abandon' EXIT
  kill_part server # processes that remain after a crash
  if ours epmd; then
    :
  elif [[ -z ${amqp_port:-} ]] || listening "$epmd_port" || listening "$dist_port" || listening "$amqp_port"; then
    until choose_ports && start_epmd; do kill_part epmd; done
    exec 8>&-
  else
    start_epmd || fail 1 "epmd did not start; see epmd.log in $dir"
  fi
  configure
  start_server
  wait_until_ready $!
  ready=yes
}

# shellcheck source=/dev/null
read_settings() { source "$dir/settings"; }

url() { echo "amqp://broker:$password@127.0.0.1:$amqp_port/"; }

case $command in
  start) start ;;
  stop) stop_part server "$timeout_seconds" && stop_part epmd 5 ;;
  halt) stop_part server "$timeout_seconds" ;;
  kill) kill_part server && wait_until_gone server 5 ;;
  ctl)
    read_settings
    use_own_settings
    exec "$bin/rabbitmqctl" "$@"
    ;;
esac
if [[ $command == start || $command == url ]]; then
  read_settings
  url
fi
