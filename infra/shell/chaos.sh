# shellcheck shell=bash
# chaos: jobs that flow while one thing after another goes wrong, and what became of them.

chaos() { # [--quick] [--other FOLDER] [FAULT...]
  local faults=all code=0
  while [[ ${1:-} == --* ]]; do
    case $1 in
      --quick) faults= ;;
      --other)
        [[ -x ${2:-}/producer && -x $2/consumer ]] || fail 64 "chaos: --other wants a folder with another version's producer and consumer"
        BROKER_CHAOS_OTHER_BIN=$(cd -- "$2" && pwd)
        export BROKER_CHAOS_OTHER_BIN
        shift
        ;;
      *) fail 64 "chaos: there is no option '$1'; ./broker help shows those there are" ;;
    esac
    shift
  done
  (($# == 0)) || faults=$*
  [[ ! " $faults " =~ \ (mixed-versions|upgraded-in-place)\  || ${BROKER_CHAOS_OTHER_BIN:-} ]] ||
    fail 64 "chaos: ${BASH_REMATCH[1]} needs --other FOLDER, with the producer and consumer of another version"
  make_work_folder
  mkdir -p "$work/tmp"
  find_sdk
  say 'Building the solution ...'
  mkdir -p "$state"
  quietly solution dotnet build "$root/Broker.sln" "${build_options[@]}"
  publish --no-build
  unset BROKER_URL BROKER_URL_FILE
  use_temporary_broker
  export BROKER_TEST_URL=$BROKER_URL
  export BROKER_CHAOS=$faults BROKER_CHAOS_TABLE=$work/table BROKER_TEST_BIN=$bin BROKER_TEST_PRIVATE_BROKER=$private_broker TMPDIR=$work/tmp
  : >"$work/table"
  run dotnet test "$root/tests/chaos" -c Release --no-build --nologo --tl:off || code=$?
  printf '\n%-28s %7s %7s %5s %8s %10s %9s\n' fault seconds jobs lost doubled 'run twice' recovery
  cat "$work/table"
  # A name that is none leaves nothing to run.
  [[ -s $work/table ]] || fail 64 "chaos: no fault of these names ran: $faults (tests/chaos/README.md has them)"
  ((code == 0)) || exit 1
}
