# shellcheck shell=bash
# test: every test project, against a real RabbitMQ.

test_projects() {
  local project
  for project in "$root"/tests/*/*.csproj; do
    [[ -e $project ]] || continue
    # Evaluated, because the package Microsoft.NET.Test.Sdk sets it, whichever file refers to that.
    [[ $(dotnet msbuild "$project" -getProperty:IsTestProject -p:Configuration=Release) == [Tt]rue ]] || continue
    echo "$project"
  done
}

# Total, passed and failed tests in the result file of one project.
counts_of() { # TRX
  local counters
  counters=$(grep -o '<Counters [^>]*>' "$1" 2>/dev/null | head -n 1) || true
  value() { sed -nE "s/.*[ \"]$1=\"([0-9]+)\".*/\1/p" <<<"$counters"; }
  local total passed failed name
  total=$(value total) passed=$(value passed) failed=0
  for name in failed error timeout aborted; do failed=$((failed + $(value "$name" | grep . || echo 0))); done
  echo "${total:-0} ${passed:-0} $failed"
}

run_tests() { # ARGUMENT-OF-DOTNET-TEST...
  [[ ${1:-} != -- ]] || shift
  local projects=() project name code ran ok bad
  local passed=0 failed=0 skipped=0
  make_work_folder
  mkdir -p "$work/tmp" "$work/results"
  find_sdk
  say 'Building the solution ...'
  mkdir -p "$state"
  quietly dotnet build "$root/Broker.sln" "${build_options[@]}"
  publish
  mapfile -t projects < <(test_projects)
  use_temporary_broker
  BROKER_URL=$(given_url)
  # A test's own files and brokers go into the folder that is removed at the end.
  export BROKER_URL BROKER_TEST_URL=$BROKER_URL BROKER_TEST_BIN=$bin BROKER_TEST_PRIVATE_BROKER=$private_broker \
    BROKER__LOGGING__DIRECTORY=$work/logs TMPDIR=$work/tmp
  for project in "${projects[@]}"; do
    name=$(basename "$project" .csproj) code=0
    say "== $name"
    run dotnet test "$project" -c Release --no-build --nologo --tl:off --results-directory "$work/results" \
      --logger "trx;LogFileName=$name.trx" --blame-hang-timeout 5m --blame-hang-dump-type none "$@" || code=$?
    read -r ran ok bad <<<"$(counts_of "$work/results/$name.trx")"
    skipped=$((skipped + ran - ok - bad))
    # A project that exits with an error but without a failed test has crashed: counted as one failure.
    ((code == 0 || bad > 0)) || { say "$name ended with exit code $code and no failed test"; bad=1; }
    passed=$((passed + ok)) failed=$((failed + bad))
  done
  if ((skipped > 0)); then say "$skipped skipped (each says why above)"; fi
  last_words="$passed passed, $failed failed"
  ((passed + failed > 0)) || say 'broker: no test ran'
  ((failed == 0 && passed > 0)) || exit 1
}
