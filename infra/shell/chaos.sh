# shellcheck shell=bash
# chaos: jobs that flow while one thing after another goes wrong, and what became of them.

chaos() { # [--quick] [FAULT...]
  local faults=$* code=0
  case ${1:-} in
    --quick) faults= ;;
    '') faults=all ;;
  esac
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
