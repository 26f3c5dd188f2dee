#!/usr/bin/env bash
# Imports the data view, the saved searches and the dashboard into Kibana, replacing those of an earlier import. Needs bash and curl.
#   ELASTIC_PASSWORD=.. import.sh
# With IMPORT_STAMP=FILE it does nothing when it has imported the same objects there, so that what was changed in Kibana stays.
set -euo pipefail

here=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd)
server=${KIBANA_SERVER:-http://kibana:5601}
timeout=${IMPORT_SECONDS:-300}

say() { echo "kibana import: $*" >&2; }
fail() { say "$*"; exit 1; }

[[ -n ${ELASTIC_PASSWORD:-} ]] || fail 'ELASTIC_PASSWORD is not set (see .env.example)'
stamp=$(sha256sum < "$here/broker.ndjson")
if [[ -n ${IMPORT_STAMP:-} && -e $IMPORT_STAMP && $(<"$IMPORT_STAMP") == "$stamp" ]]; then
  say 'nothing has changed'
  exit
fi
password=${ELASTIC_PASSWORD//\\/\\\\}
deadline=$((SECONDS + timeout))
until curl --silent --fail --max-time 10 --output /dev/null "$server/api/status"; do
  ((SECONDS < deadline)) || fail "$server is not ready after $timeout s; see its log"
  sleep 2
done
# The password is not passed on the command line, where other processes could read it.
answer=$(curl --silent --show-error --max-time 60 --config <(printf 'user = "elastic:%s"\n' "${password//\"/\\\"}") \
  --header 'kbn-xsrf: broker' --form "file=@$here/broker.ndjson" "$server/api/saved_objects/_import?overwrite=true" 2>&1) || true
# The imported objects are listed first, so the error is at the end.
[[ $answer =~ ^\{.*\"success\":\ ?true ]] || fail "refused: ...${answer: -400}"
[[ $answer =~ \"successCount\":\ ?([0-9]+) ]]
say "${BASH_REMATCH[1]} objects imported: data view, searches and the dashboard 'Broker'"
[[ -z ${IMPORT_STAMP:-} ]] || echo "$stamp" > "$IMPORT_STAMP"
