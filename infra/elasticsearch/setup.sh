#!/usr/bin/env bash
# Prepares an Elasticsearch for the logs: the index template, two roles, the programs' user and Kibana's password.
# Needs bash and curl. Idempotent: it creates and updates, and deletes nothing.
#   ELASTIC_PASSWORD=.. ELASTICSEARCH_PASSWORD=.. KIBANA_PASSWORD=.. setup.sh
# With SETUP_STAMP=FILE it does nothing when it has succeeded there with the same files and passwords.
#   setup.sh template      only prints the index template with its optional parts
set -euo pipefail

here=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd)
server=${ELASTICSEARCH_SERVER:-http://elasticsearch:9200}
user=${ELASTICSEARCH_USERNAME:-broker}
timeout=${SETUP_SECONDS:-180}

say() { echo "elasticsearch setup: $*" >&2; }
fail() { say "$*"; exit 1; }

# The text as a JSON string.
quoted() { local text=${1//\\/\\\\}; printf '"%s"' "${text//\"/\\\"}"; }

# One request with the body on stdin. Sets $status (000: no answer) and $answer.
ask() { # METHOD PATH
  # The password is not passed on the command line, where other processes could read it.
  answer=$(curl --silent --show-error --max-time 30 --config <(printf 'user = %s\n' "$(quoted "elastic:$ELASTIC_PASSWORD")") \
    --request "$1" --header 'content-type: application/json' --data-binary @- --write-out '\n%{http_code}' "$server/$2" 2>&1) || true
  status=${answer##*$'\n'}
  [[ $status == [0-9][0-9][0-9] ]] || status=000
  answer=${answer%$'\n'*}
}

# The reason of an error, in one line.
reason() {
  if [[ $status == 000 ]]; then echo "$answer"; elif [[ $answer =~ \"reason\":\"(([^\"\\]|\\.)*)\" ]]; then echo "HTTP $status: ${BASH_REMATCH[1]}"; else echo "HTTP $status ${answer:0:200}"; fi
}

put() { # WHAT METHOD PATH, the body on stdin
  ask "$2" "$3"
  [[ $status == 2?? ]] || fail "$1 was rejected: $(reason)"
  say "$1: done"
}

# jq is not in the image. A test compares this with a real JSON merge.
template() {
  local plain optional settings lifecycle
  plain=$(<"$here/index-template.json") optional=$(<"$here/index-template.optional.json")
  [[ $optional =~ \"settings\":\ \{([^}]*)\} ]] && settings=${BASH_REMATCH[1]}
  [[ $optional =~ \"lifecycle\":\ (\{[^}]*\}) ]] && lifecycle=${BASH_REMATCH[1]}
  plain=${plain/'"settings": {'/'"settings": {'"${settings%"${settings##*[![:space:]]}"},"}
  echo "${plain/'"template": {'/'"template": { "lifecycle": '"$lifecycle,"}"
}

wait_for_server() {
  local deadline=$((SECONDS + timeout)) refusals=0
  while ask GET '_cluster/health?wait_for_status=yellow&timeout=5s' </dev/null; [[ $status != 200 ]]; do
    # A server that is starting may reject a correct password for a moment.
    if [[ $status == 401 ]] && ((++refusals == 10)); then
      fail "the server rejects ELASTIC_PASSWORD; it keeps the password from when its volume was created"
    fi
    ((SECONDS < deadline)) || fail "$server is not ready after $timeout s: $(reason)"
    sleep 2
  done
}

put_template() {
  ask PUT _index_template/logs-broker < <(template)
  if [[ $status == 400 ]]; then
    say "this server does not support retention or other optional settings ($(reason)): the index template is put without them"
    ask PUT _index_template/logs-broker < "$here/index-template.json"
  fi
  [[ $status == 2?? ]] || fail "the index template was rejected: $(reason)"
  say 'index template: done'
}

# They may add and read documents in our data streams only, not change or delete them. The first write creates a stream.
put_users() {
  ask PUT _security/role/broker_writer <<< \
    '{"cluster":["monitor"],"indices":[{"names":["logs-broker.*-*"],"privileges":["auto_configure","create_doc"]}]}'
  # That request contains no settings of the operator: a server that rejects it does not support roles, or has security off.
  if [[ $status == 40[045] || $status == 501 ]]; then
    say "warning: this server has no roles and users ($(reason)); programs need ELASTICSEARCH_USERNAME=elastic"
    return
  fi
  [[ $status == 2?? ]] || fail "role broker_writer was rejected: $(reason)"
  put 'role broker_reader' PUT _security/role/broker_reader <<< \
    '{"cluster":["monitor"],"indices":[{"names":["logs-broker.*-*"],"privileges":["read","view_index_metadata"]}]}'
  # Built-in users such as elastic have roles and a password already.
  ask GET "_security/user/$user" </dev/null
  [[ $answer == *'"_reserved":true'* ]] || put "user $user" PUT "_security/user/$user" <<< \
    "{\"password\":$(quoted "$ELASTICSEARCH_PASSWORD"),\"roles\":[\"broker_writer\",\"broker_reader\"],\"full_name\":\"Consumers and producers\"}"
  put 'password of kibana_system' POST _security/user/kibana_system/_password <<< "{\"password\":$(quoted "$KIBANA_PASSWORD")}"
}

if [[ ${1:-} == template ]]; then
  template
  exit
fi
for name in ELASTIC_PASSWORD ELASTICSEARCH_PASSWORD KIBANA_PASSWORD; do
  [[ -n ${!name:-} ]] || fail "$name is not set (see .env.example)"
done
stamp=$(cat "$here"/setup.sh "$here"/*.json | sha256sum; printf '%s\n' "$server" "$user" "$ELASTIC_PASSWORD" "$ELASTICSEARCH_PASSWORD" "$KIBANA_PASSWORD" | sha256sum)
if [[ -n ${SETUP_STAMP:-} && -e $SETUP_STAMP && $(<"$SETUP_STAMP") == "$stamp" ]]; then
  say 'nothing has changed'
  exit
fi
wait_for_server
# The template first: it must exist before the programs can write, which they can as soon as their user exists.
put_template
put_users
[[ -z ${SETUP_STAMP:-} ]] || echo "$stamp" > "$SETUP_STAMP"
