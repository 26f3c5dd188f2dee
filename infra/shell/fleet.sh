# shellcheck shell=bash
# up, down, status, env: a RabbitMQ and consumers that run in the background.

up_dir=$state/up
up_mark="BROKER_UP=$root"
console_log=$up_dir/consumer.log
env_url=$state/url

up_value() { cat -- "$up_dir/$1" 2>/dev/null || true; } # NAME -> what the last `up` noted

consumers_running() {
  local pid
  pid=$(up_value pid)
  [[ -n $pid ]] && grep -qzxF -- "$up_mark" "/proc/$pid/environ" 2>/dev/null && alive "$pid"
}

private_broker_pid() {
  local pid
  pid=$(cat "$up_broker_dir/rabbitmq.pid" 2>/dev/null) &&
    grep -qzxF -- "PRIVATE_BROKER=server of $up_broker_dir" "/proc/$pid/environ" 2>/dev/null && echo "$pid"
}

one_at_a_time() {
  mkdir -p "$state"
  exec 6>"$state/up.lock"
  flock -n 6 || { say 'Waiting for another ./broker up or down ...'; flock 6; }
}

answers_ready() { # PORT
  # shellcheck disable=SC2016
  [[ $(timeout 2 bash -c 'exec 3<>"/dev/tcp/127.0.0.1/$1" && printf "GET /health/ready HTTP/1.0\r\n\r\n" >&3 &&
    head -n 1 <&3' - "$1" 2>/dev/null) == *' 200 '* ]]
}

free_port() {
  local port
  while port=$((10000 + RANDOM % 6000)); (: >"/dev/tcp/127.0.0.1/$port") 2>/dev/null; do :; done
  echo "$port"
}

wait_until_ready() { # PID PORT LOG
  local end=$((SECONDS + 90))
  until answers_ready "$2"; do
    alive "$1" || { tail -n 20 "$3" >&2; fail 1 "the consumers ended while starting; their log: $3"; }
    ((SECONDS < end)) || { tail -n 20 "$3" >&2; fail 1 "the consumers are not ready after 90 s; their log: $3"; }
    sleep 0.1
  done
}

start_consumers() { # COUNT
  local port pid
  port=$(free_port)
  # In a session of its own: closing the terminal does not end it.
  env "$up_mark" BROKER__LOGGING__DIRECTORY="$root/logs" setsid "$(readlink -f "$bin")/consumer" -p "$1" \
    --health-port "$port" </dev/null >"$console_log" 2>&1 6>&- &
  pid=$!
  disown
  echo "$pid" >"$up_dir/pid"
  echo "$1" >"$up_dir/consumers"
  readlink -f "$bin" >"$up_dir/build"
  (umask 077 && given_url >"$up_dir/url")
  given_url_is "$(given_url)"
  wait_until_ready "$pid" "$port" "$console_log"
}

stop_consumers() {
  if consumers_running; then
    say 'Stopping the consumers (running jobs are finished) ...'
    stop "$(up_value pid)" 40
  fi
  kill_marked "$up_mark"
  rm -f -- "$up_dir/pid" "$up_dir/url" "$up_dir/build"
}

# What shells of `env` read, so that one that was set up before `up` works after it.
given_url_is() { # URL
  (umask 077 && echo "$1" >"$env_url.new")
  mv -- "$env_url.new" "$env_url"
}

up() {
  local count=4
  while (($#)); do
    case $1 in
      --consumers) count=${2:-}; shift ;;
      --consumers=*) count=${1#*=} ;;
      *) fail 64 "up: unknown argument '$1' (try: ./broker up --consumers 8)" ;;
    esac
    shift || true
  done
  [[ $count =~ ^[1-9][0-9]{0,2}$ ]] || fail 64 "up: --consumers takes a number from 1 to 999, not '$count'"
  one_at_a_time
  mkdir -p "$up_dir"
  publish
  if url_was_given; then
    say "Using the RabbitMQ at $(given_url | redacted)."
  elif [[ -n $(private_broker_pid) ]]; then
    BROKER_URL=$("$private_broker" start "$up_broker_dir")
    export BROKER_URL
  else
    private_broker_dir=$up_broker_dir # stopped again if a later step fails
    start_private_broker "$up_broker_dir"
  fi
  if consumers_running && [[ $(up_value consumers) == "$count" && $(up_value url) == "$(given_url)" &&
    $(up_value build) == "$(readlink -f "$bin")" ]]; then
    keep_running=yes private_broker_dir=
    echo "Already up: $count consumers on $(given_url | redacted)."
  else
    stop_consumers
    say "Starting $count consumers ..."
    start_consumers "$count"
    keep_running=yes private_broker_dir=
    echo "Up: $count consumers on $(given_url | redacted), until ./broker down."
  fi
  cat <<END

  eval "\$(./broker env)"                  producer and consumer for this shell
  producer map double 5 10 15 20 25
  ./broker status

The consumers' log lines: $console_log
END
}

down() {
  (($# == 0)) || fail 64 "down takes no argument (try: ./broker down)"
  one_at_a_time
  local was_up=
  if consumers_running; then was_up=yes; fi
  stop_consumers
  if [[ -n $(private_broker_pid) ]]; then
    was_up=yes
    say 'Stopping RabbitMQ (its data stays) ...'
  fi
  "$private_broker" stop "$up_broker_dir"
  if [[ -n $was_up ]]; then echo 'Down.'; else echo 'Nothing is up.'; fi
}

status() {
  (($# == 0)) || fail 64 "status takes no argument (try: ./broker status)"
  local url pid missing=
  url=$(up_value url)
  pid=$(private_broker_pid) || true
  if [[ -n $pid ]]; then
    echo "RabbitMQ   pid $pid at $("$private_broker" url "$up_broker_dir" | redacted), data in .broker/rabbitmq"
  elif [[ -z $url || $url == "$("$private_broker" url "$up_broker_dir" 2>/dev/null)" ]]; then
    echo 'RabbitMQ   not running'
    missing=yes
  else
    echo "RabbitMQ   at $(redacted <<<"$url"), not started by us"
  fi
  if consumers_running; then
    echo "consumers  $(up_value consumers) processes, supervisor pid $(up_value pid), log in $console_log"
  else
    echo 'consumers  not running'
    missing=yes
  fi
  if [[ -n $missing ]]; then
    echo 'Start what is missing with: ./broker up'
    exit 3
  fi
  echo
  find_sdk
  unset BROKER_URL_FILE
  BROKER_URL=$url run "$(up_value build)/producer" status
}

quoted() { printf "'%s'" "${1//\'/\'\\\'\'}"; } # for any POSIX shell

print_environment() {
  (($# == 0)) || fail 64 "env takes no argument (try: eval \"\$(./broker env)\")"
  publish >&2
  local url=
  if [[ -n $(private_broker_pid) ]]; then
    url=$("$private_broker" url "$up_broker_dir")
  elif consumers_running; then
    url=$(up_value url)
  fi
  if [[ -n $url ]]; then given_url_is "$url"; elif [[ ! -e $env_url ]]; then given_url_is amqp://guest:guest@localhost:5672/; fi
  # shellcheck disable=SC2016
  printf 'case ":$PATH:" in *:%s:*) ;; *) PATH=%s:$PATH; export PATH ;; esac\n' "$(quoted "$bin")" "$(quoted "$bin")"
  if [[ -n ${DOTNET_ROOT:-} ]]; then echo "export DOTNET_ROOT=$(quoted "$DOTNET_ROOT")"; fi
  echo "export BROKER__LOGGING__DIRECTORY=$(quoted "$root/logs")"
  if [[ -z $url ]] && url_was_given; then
    echo "export BROKER_URL=$(quoted "$(given_url)")"
    return
  fi
  echo "unset BROKER_URL; export BROKER_URL_FILE=$(quoted "$env_url")"
  [[ -n $url ]] || say 'No RabbitMQ is up: ./broker up starts one, and then this shell has it.'
}
