# shellcheck shell=bash
# Builds the executables into .broker/builds/N; .broker/bin is a link to the newest. A build that is
# in use is never overwritten: its processes load libraries while they run. Each program has its own
# folder, for the two compile the libraries that they share in different ways.

export DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_SKIP_FIRST_TIME_EXPERIENCE=1
# No compiler and build servers, which would keep running.
build_options=(-c Release --disable-build-servers --tl:off)

find_sdk() {
  if ! command -v dotnet >/dev/null && [[ -x ${HOME:-}/.dotnet/dotnet ]]; then PATH=$HOME/.dotnet:$PATH; fi
  command -v dotnet >/dev/null || fail 69 'no dotnet here: install the .NET 10 SDK (https://dot.net)'
  local folder
  folder=$(dirname "$(readlink -f "$(command -v dotnet)")")
  case $folder in
    /usr/share/dotnet | /usr/lib/dotnet) ;;
    # In other places the executables do not find the runtime by themselves.
    *) if [[ -d $folder/host/fxr ]]; then export DOTNET_ROOT=${DOTNET_ROOT:-$folder}; fi ;;
  esac
}

sources_fingerprint() {
  (cd "$root" && find producer consumer contracts infra Directory.* global.json -type f \
    -not -path '*/bin/*' -not -path '*/obj/*' -not -name '*.sh' -printf '%p %s %T@\n' | LC_ALL=C sort | sha256sum)
}

show_errors() { # LOG
  grep -E 'error [A-Z]+[0-9]+:' "$1" | sed -E 's/ \[[^]]*\]$//' | sort -u | head -n 20 >&2 || true
  grep -qE 'error [A-Z]+[0-9]+:' "$1" || tail -n 20 "$1" >&2
}

# In a terminal one line that is written over every second, in a pipe or a file a line every 15 s.
show_progress() { # WHAT LOG
  local started=$SECONDS built step=15 text
  if [[ -t 2 ]]; then step=1; fi
  while sleep "$step"; do
    built=$(grep -c ' -> ' "$2" 2>/dev/null) || true
    text="  $1: $((SECONDS - started)) s, ${built:-0} projects built"
    if [[ -t 2 ]]; then printf '\r\e[K%s' "$text" >&2; else say "$text"; fi
  done
}

quietly() { # WHAT COMMAND...
  local log=$state/build.log what=$1 code=0
  shift
  : >"$log"
  start show_progress "$what" "$log"
  run all_into "$log" "$@" || code=$?
  kill -TERM -- "-${background[-1]}" 2>/dev/null || true
  unset 'background[-1]'
  if [[ -t 2 ]]; then printf '\r\e[K' >&2; fi
  ((code == 0)) || { show_errors "$log"; fail 1 "the build failed; all of its output is in $log"; }
}

publish() { # OPTION-OF-DOTNET-PUBLISH...
  find_sdk
  mkdir -p "$state/builds"
  exec 7>"$state/build.lock"
  flock 7
  local sources number new started=$SECONDS project
  sources=$(sources_fingerprint)
  if [[ -x $bin/producer && -x $bin/consumer && $(cat "$bin/.sources" 2>/dev/null) == "$sources" ]]; then
    exec 7>&-
    return
  fi
  say 'Building producer and consumer: about a minute the first time ...'
  number=$(find "$state/builds" -mindepth 1 -maxdepth 1 -printf '%f\n' | sort -n | tail -n 1)
  new=$state/builds/$((${number:-0} + 1))
  for project in producer consumer; do
    # Without a runtime identifier here: it would build the libraries a second time. The programs' projects have their own.
    quietly "$project" dotnet publish "$root/$project" "${build_options[@]}" -o "$new/lib/$project" "$@"
    ln -s "lib/$project/$project" "$new/$project"
  done
  echo "$sources" >"$new/.sources"
  ln -sfn "builds/${new##*/}" "$state/bin.new"
  mv -T "$state/bin.new" "$bin"
  remove_old_builds "$new"
  exec 7>&-
  say "Built in $((SECONDS - started)) s."
}

remove_old_builds() { # NEWEST
  local build
  for build in "$state"/builds/*; do
    [[ $build == "$1" || $build == "$(cat "$state/up/build" 2>/dev/null)" ]] || rm -rf -- "$build"
  done
}
