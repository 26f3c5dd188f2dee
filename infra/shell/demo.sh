# shellcheck shell=bash
# demo: count the words of real files in several processes and compare with wc.

# Text only: valid UTF-8 without NUL. Unreadable files are skipped.
text_files() { # PATH... -> NUL-separated
  find "$@" -type f -readable -size +0 -size -256k -not -name '*.gz' -not -path '*/.git/*' -not -path '*/.broker/*' \
    -not -path '*/bin/*' -not -path '*/obj/*' -print0 2>/dev/null | LC_ALL=C sort -z |
    LC_ALL=C.UTF-8 xargs -0r grep -IlZ '' | LC_ALL=C.UTF-8 xargs -0r grep -LaxvZ '.*'
}

# The system's own documentation; where there is little of it, this repository. 400 files and 20 MB
# are enough to show how the work is distributed.
default_files() {
  local found
  mapfile -d '' -t found < <(text_files /usr/share/common-licenses /usr/share/doc || true)
  ((${#found[@]} >= 40)) || mapfile -d '' -t -O "${#found[@]}" found < <(text_files "$root" || true)
  local file bytes=0
  for file in "${found[@]:0:400}"; do
    bytes=$((bytes + $(stat -c %s -- "$file")))
    ((bytes <= 20000000)) || break
    files+=("$file")
  done
}

named_files() { # FILE...
  local file
  for file; do
    [[ -f $file && -r $file ]] || fail 64 "demo: '$file' is not a file that can be read"
    files+=("$(realpath -- "$file")")
  done
}

now() { echo "${EPOCHREALTIME/[.,]/}"; } # microseconds

print_summary() { # RESULTS MICROSECONDS REFERENCE
  awk -v files="${#files[@]}" -v microseconds="$2" -v reference="$3" '
    function number(key,   at) {
      return match($0, "\"" key "\":[0-9]+") ? substr($0, RSTART + length(key) + 3, RLENGTH - length(key) - 3) + 0 : 0
    }
    function text(key) {
      return match($0, "\"" key "\":\"[^\"]*\"") ? substr($0, RSTART + length(key) + 4, RLENGTH - length(key) - 5) : "?"
    }
    function commas(n,   s) {
      s = sprintf("%.0f", n)
      while (match(s, /^[0-9]+[0-9][0-9][0-9]($|,)/)) sub(/[0-9][0-9][0-9]($|,)/, ",&", s)
      return s
    }
    BEGIN { seconds = microseconds / 1000000 }
    {
      worker = sprintf("%-24s %8d", text("host"), number("pid"))
      if (!(worker in done)) order[++workers] = worker
      done[worker]++
      counted[worker] += number("words")
      total += number("words")
      rest = $0
      while (match(rest, /"word":"[^"\\]*","count":[0-9]+/)) {
        split(substr(rest, RSTART + 8, RLENGTH - 8), pair, /","count":/)
        often[pair[1]] += pair[2]
        rest = substr(rest, RSTART + RLENGTH)
      }
    }
    END {
      printf "%s words in %d file%s, counted in %.1f s (%.0f files per second)\n", commas(total), files,
        (files == 1 ? "" : "s"), seconds, files / seconds
      printf "wc -w counts %s%s\n\n", commas(reference), total == reference ? ": the same" : ": NOT THE SAME"
      printf "%-24s %8s %8s %12s\n", "host", "pid", "files", "words"
      for (i = 1; i <= workers; i++) printf "%s %8d %12s\n", order[i], done[order[i]], commas(counted[order[i]])
      printf "\nCommonest:"
      for (i = 1; i <= 8; i++) {
        best = ""
        for (word in often) if (best == "" || often[word] > often[best]) best = word
        if (best == "") break
        printf "%s %s %s", (i > 1 ? "," : ""), best, commas(often[best])
        delete often[best]
      }
      printf "\n"
      exit total == reference && NR == files ? 0 : 1
    }' "$1"
}

demo() {
  local files=() port reference started code=0
  if (($#)); then named_files "$@"; else default_files; fi
  make_work_folder
  export BROKER__LOGGING__DIRECTORY=$work/logs
  publish
  use_temporary_broker
  say 'Starting 4 consumer processes ...'
  port=$(free_port)
  # Only this kind: a RabbitMQ named by BROKER_URL may hold other jobs.
  start all_into "$work/consumer.log" "$bin/consumer" -p 4 -c 1 --kinds word-count --health-port "$port"
  wait_until_ready "${background[0]}" "$port" "$work/consumer.log"
  say 'Counting ...'
  started=$(now)
  run into "$work/results" "$bin/producer" map word-count --files "${files[@]}" --output full || code=$?
  ((code == 0)) || { tail -n 20 "$work/consumer.log" >&2; fail "$code" "the map ended with exit code $code"; }
  local elapsed=$(($(now) - started))
  reference=$(printf '%s\0' "${files[@]}" | LC_ALL=C.UTF-8 wc -w --files0-from=- | tail -n 1)
  echo
  print_summary "$work/results" "$elapsed" "${reference%% *}" || code=1
  ((code == 0)) || fail 1 'the totals differ'
  cat <<END

Next:
  ./broker up                             RabbitMQ and 4 consumers that stay
  eval "\$(./broker env)"                  producer and consumer for this shell
  seq 1 1000 | producer map double -f -   a job for each line, results in order
END
}
