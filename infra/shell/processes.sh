# shellcheck shell=bash
# Starts and stops processes so that none remains, however the script ends.

say() { echo "$*" >&2; }
fail() { # EXIT-CODE MESSAGE
  say "broker: $2"
  exit "$1"
}

# Every process started below inherits this mark, at any depth and in any session. Processes that
# still run at the end are found by it, and no others are touched.
run_mark="BROKER_RUN_$$_$(od -An -N6 -tx1 /dev/urandom | tr -d ' \n')"
export "$run_mark=yes"

background=()       # pids of our own long-running children, oldest first
private_broker_dir= # the RabbitMQ to stop at the end, if any
work=               # temporary folder, removed at the end
grace=30            # seconds that a stopped process gets before it is killed
current=            # pid of the step that `run` waits for
uninterruptible=    # that step must not be killed
keep_running=       # started processes keep running
last_words=         # for stdout, after everything has been stopped

trap 'interrupted 130' INT
trap 'interrupted 143' TERM
trap 'interrupted 129' HUP
trap clean_up EXIT

interrupted() { # EXIT-CODE
  grace=8
  exit "$1"
}

make_work_folder() { work=$(mktemp -d "${TMPDIR:-/tmp}/broker.XXXXXX"); }

# In the background and waited for, because bash runs a trap only between foreground commands: a
# Ctrl-C takes effect at once. Job control gives the child its own process group, so that the
# terminal's Ctrl-C reaches only this script, and leaves SIGINT at its default in the child, which
# bash would otherwise have it ignore.
run() { # COMMAND...
  set -m
  "$@" </dev/null 6>&- 7>&- & # 6 and 7 are locks, which a child must not keep
  current=$!
  set +m
  local code=0
  wait "$current" || code=$?
  current=
  return "$code"
}

# The redirection is made in the child, so that messages of a trap still reach the terminal.
into() { # FILE COMMAND...   (for `run` and `start`)
  exec >"$1"
  shift
  exec "$@"
}

all_into() { # FILE COMMAND...
  exec >"$1" 2>&1
  shift
  exec "$@"
}

start() { # COMMAND...
  set -m
  "$@" </dev/null 6>&- 7>&- &
  background+=("$!")
  set +m
  disown "$!"
}

# A zombie process counts as ended.
alive() { [[ $(sed 's/.*) //' "/proc/$1/stat" 2>/dev/null) == [^Z]* ]]; }

stop() { # PID SECONDS
  local end=$((SECONDS + $2))
  kill -TERM "$1" 2>/dev/null || return 0
  while alive "$1" && ((SECONDS < end && grace > 0)); do sleep 0.05; done
}

marked() { # MARK -> pids
  { grep -lzxF -- "$1" /proc/[0-9]*/environ 2>/dev/null || true; } | cut -d/ -f3
}

kill_marked() { # MARK
  local pid
  for pid in $(marked "$1"); do kill -KILL "$pid" 2>/dev/null || true; done
}

clean_up() {
  local code=$? i
  set +e
  trap '' TERM HUP
  trap 'grace=0' INT # a second Ctrl-C: no grace period
  disown -a          # bash must not report what is killed here
  ((code < 128)) || [[ -n $keep_running ]] || say 'Stopping ...'
  if [[ -n $current ]]; then
    kill -TERM "$current" 2>/dev/null
    if [[ -n $uninterruptible ]]; then
      while alive "$current"; do sleep 0.1; done
    else
      stop "$current" 3
    fi
  fi
  for ((i = ${#background[@]} - 1; i >= 0; i--)); do stop "${background[i]}" "$grace"; done
  if [[ -n $private_broker_dir ]]; then "$private_broker" stop "$private_broker_dir"; fi
  [[ -n $keep_running ]] || kill_marked "$run_mark=yes"
  [[ -z $work ]] || rm -rf -- "$work"
  [[ -z $last_words ]] || echo "$last_words"
  exit "$code"
}
