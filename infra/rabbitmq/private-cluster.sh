#!/usr/bin/env bash
# A private RabbitMQ cluster of three nodes, made of private-broker.sh.
#
#   private-cluster.sh start DIR        start it, or all of its nodes that do not run; prints its URL, with
#                                       the addresses of all nodes, when they are one cluster
#   private-cluster.sh start DIR N      start node N again (1 to 3); returns when it answers AMQP
#   private-cluster.sh stop DIR         clean stop of everything; the data stays
#   private-cluster.sh halt DIR N       clean stop of one node
#   private-cluster.sh kill DIR N       kill -9 of one node
#   private-cluster.sh url DIR [N]      print the URL of the cluster, or of one node
#   private-cluster.sh ctl DIR N ARGUMENT...   run rabbitmqctl on a node
#
# Each node has a folder in DIR. Exit codes and environment are those of private-broker.sh. A node that is cut off from the
# others pauses (cluster_partition_handling = pause_minority).
set -euo pipefail

nodes=3
single=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd)/private-broker.sh

[[ ${2:-} && ( $# -eq 2 && $1 =~ ^(start|stop|url)$ || $# -eq 3 && $1 =~ ^(start|halt|kill|url)$ || $# -gt 3 && $1 == ctl ) ]] || {
  echo "private-cluster: usage: ${0##*/} start|stop|url DIR, start|halt|kill|url DIR N, ctl DIR N ARGUMENT..." >&2
  exit 64
}
command=$1 dir=$2
shift 2
[[ $command != start ]] || (umask 077 && mkdir -p -- "$dir")
export PRIVATE_BROKER_CONF=$dir/cluster.conf

setting() { sed -n "s/^$2=//p" "$dir/n$1/settings"; }

# What all nodes must have in common, and the name of each.
prepare() {
  umask 077
  local random n
  random=$(od -An -N16 -tx1 /dev/urandom | tr -d ' \n')
  {
    printf '%s\n' 'cluster_partition_handling = pause_minority' 'cluster_formation.peer_discovery_backend = classic_config'
    for ((n = 1; n <= nodes; n++)); do echo "cluster_formation.classic_config.nodes.$n = n$n@localhost"; done
  } >"$PRIVATE_BROKER_CONF"
  for ((n = nodes; n >= 1; n--)); do
    mkdir -p "$dir/n$n/home"
    echo -n "$random" >"$dir/n$n/home/.erlang.cookie"
    printf '%s\n' "node=n$n" "password=$random" >"$dir/n$n/settings"
  done
}

# The others are told the epmd of the first node, which knows where each of them listens.
start_all() {
  [[ -s $dir/n1/settings ]] || prepare
  local n epmd started=()
  "$single" start "$dir/n1" >/dev/null &
  started+=($!)
  until epmd=$(setting 1 cluster_epmd) && [[ -n $epmd ]]; do
    kill -0 $! 2>/dev/null || wait $!
    sleep 0.05
  done
  for ((n = 2; n <= nodes; n++)); do
    [[ -n $(setting $n cluster_epmd) ]] || echo "cluster_epmd=$epmd" >>"$dir/n$n/settings"
    "$single" start "$dir/n$n" >/dev/null &
    started+=($!)
  done
  for n in "${started[@]}"; do wait "$n"; done
  "$single" ctl "$dir/n1" -q await_online_nodes $nodes >&2
  # From 4.3 on, which knows no partition handling, deliveries of an unreachable node are requeued after a minute. Earlier versions refuse the key: they requeue at once.
  "$single" ctl "$dir/n1" -q set_policy broker-unreachable '^broker\.' '{"consumer-disconnected-timeout":10000}' --apply-to queues >&2 2>/dev/null || true
}

# The nodes' own addresses differ in their ports alone.
url() {
  local n all
  all=$("$single" url "$dir/n1")
  all=${all%/}
  for ((n = 2; n <= nodes; n++)); do all+=,127.0.0.1:$(setting $n amqp_port); done
  echo "$all/"
}

case $command in
  start) if [[ ${1:-} ]]; then "$single" start "$dir/n$1"; else start_all && url; fi ;;
  stop) for ((n = nodes; n >= 1; n--)); do "$single" stop "$dir/n$n"; done ;;
  halt | kill) "$single" "$command" "$dir/n$1" ;;
  url) if [[ ${1:-} ]]; then "$single" url "$dir/n$1"; else url; fi ;;
  ctl) "$single" ctl "$dir/n$1" "${@:2}" ;;
esac
