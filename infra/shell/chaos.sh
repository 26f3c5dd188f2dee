# shellcheck shell=bash
# chaos: a fleet at work on a private RabbitMQ, one fault after another, and what came of it.

chaos_faults=(none broker-restarted jobs-queue-deleted results-queue-deleted dead-queue-deleted broker-frozen connections-closed
  memory-alarm disk-alarm)
chaos_items=${CHAOS_ITEMS:-60000}
chaos_alarm_seconds=${CHAOS_ALARM_SECONDS:-180}
chaos_long_jobs=3000 # of a second, 200 at once: an alarm takes three seconds to begin
chaos_kind= # the map that meets the fault: many (a message per item), or long

fault_none() { :; }

ctl() { "$private_broker" ctl "$private_broker_dir" -q "$@" >/dev/null; }

fault_broker_restarted() {
  "$private_broker" kill "$private_broker_dir"
  "$private_broker" start "$private_broker_dir" >/dev/null
}

fault_jobs_queue_deleted() { ctl delete_queue broker.jobs.double; }
fault_dead_queue_deleted() { ctl delete_queue broker.dead.double; }
fault_results_queue_deleted() { ctl delete_queue "$("$private_broker" ctl "$private_broker_dir" -q list_queues --no-table-headers name | grep -m 1 '^broker\.results\.')"; }

fault_broker_frozen() {
  local pid
  pid=$(<"$private_broker_dir/rabbitmq.pid")
  kill -STOP "$pid"
  sleep 40
  kill -CONT "$pid"
}

fault_connections_closed() {
  local round
  for round in 1 2 3 4 5; do
    ctl close_all_connections "chaos, round $round" || true
    sleep 3
  done
}

fault_memory_alarm() {
  ctl set_vm_memory_high_watermark 0.0001
  sleep "$chaos_alarm_seconds"
  ctl set_vm_memory_high_watermark 0.4
}

fault_disk_alarm() {
  ctl set_disk_free_limit 100000GB
  sleep "$chaos_alarm_seconds"
  ctl set_disk_free_limit 50MB
}

seconds_of_long() { seq "$chaos_long_jobs" | sed 's/.*/1/'; }
items_of() { if [[ $chaos_kind == long ]]; then seconds_of_long; else seq "$chaos_items"; fi; }
expected() { if [[ $chaos_kind == long ]]; then seconds_of_long; else seq 2 2 $((2 * chaos_items)); fi; }

map_items() {
  if [[ $chaos_kind == long ]]; then
    exec "$bin/producer" map sleep -f "$work/items" --chunk 1 -j 1000
  else
    exec "$bin/producer" map double -f "$work/items" --chunk 1
  fi
}

results_so_far() { wc -l <"$work/results"; }

# One line: what came of a map that met this fault.
meet_fault() { # FAULT
  local fault=$1 chaos_kind=many map began fault_end code=0 verdict runs= level=warning
  [[ $fault != *-alarm ]] || chaos_kind=long level=debug # whose files say how often each job was started
  items_of >"$work/items"
  rm -rf "$work/logs"
  start all_into "$work/consumer.log" "$bin/consumer" -p 4 -c "$([[ $chaos_kind == long ]] && echo 50 || echo 16)" --health-port "$chaos_port" --log-level "$level"
  wait_until_ready "${background[-1]}" "$chaos_port" "$work/consumer.log"
  began=$(now)
  set -m
  map_items >"$work/results" 2>"$work/map.log" </dev/null 6>&- 7>&- &
  map=$!
  set +m
  # The restart meets the map's first second, every other fault a map at work.
  if [[ $fault != broker-restarted ]]; then
    while (($(results_so_far) < 200)) && alive "$map"; do sleep 0.05; done
  else
    sleep 0.7
  fi
  local before
  before=$(results_so_far)
  "fault_${fault//-/_}" >>"$work/fault.log" 2>&1
  fault_end=$(now)
  local after resumed=
  after=$(results_so_far)
  local limit=$((SECONDS + 300))
  while alive "$map" && ((SECONDS < limit)); do
    [[ -n $resumed ]] || (($(results_so_far) == after)) || resumed=$(now)
    sleep 0.1
  done
  if alive "$map"; then kill -TERM "$map"; fi
  wait "$map" || code=$?
  local ended
  ended=$(now)
  if expected | cmp -s - "$work/results"; then verdict=right; else verdict="WRONG ($(results_so_far) results)"; fi
  stop "${background[-1]}" 40
  unset 'background[-1]'
  if [[ $chaos_kind == long ]]; then
    runs=", $(cat "$work"/logs/* 2>/dev/null | grep -c '"event.action":"job-started"\|"action":"job-started"') runs of $chaos_long_jobs jobs"
  fi
  printf '%-22s results %s, exit %d, %.1f s; the fault lasted from result %d to %d, the next came %.1f s after it, the last %.1f s%s\n' "$fault" "$verdict" "$code" \
    "$(seconds_between "$began" "$ended")" "$before" "$after" "$(seconds_between "$fault_end" "${resumed:-$ended}")" "$(seconds_between "$fault_end" "$ended")" "$runs"
  [[ $verdict == right && $code == 0 ]] || { chaos_failed=1; sed 's/^/    /' "$work/map.log" | tail -n 5; }
}

seconds_between() { awk -v from="$1" -v to="$2" 'BEGIN { printf "%.1f", (to - from) / 1000000 }'; }

chaos() { # FAULT...
  local fault chaos_port chaos_failed=0
  for fault; do
    [[ " ${chaos_faults[*]} " == *" $fault "* ]] || fail 64 "chaos: there is no fault '$fault'; there are: ${chaos_faults[*]}"
  done
  (($#)) || set -- "${chaos_faults[@]}"
  make_work_folder
  export BROKER__LOGGING__DIRECTORY=$work/logs
  unset BROKER_URL BROKER_URL_FILE
  [[ -n ${CHAOS_BIN:-} ]] && bin=$CHAOS_BIN || publish
  use_temporary_broker
  chaos_port=$(free_port)
  for fault; do meet_fault "$fault"; done
  ((chaos_failed == 0)) || exit 1
}
