#!/usr/bin/env bash
# Starts RabbitMQ with three users, each with no more rights than it needs: the administrator BROKER_USER, and the programs' users `producer` and
# `consumer`. Applied at every start, so that a password changed in .env is changed here. Needs bash and coreutils; rabbitmq.conf
# has to load the file (broker.conf).
#   with-users.sh rabbitmq-server     as the image's entry point
#   with-users.sh definitions         only prints the definitions
set -euo pipefail

fail() { echo "rabbitmq users: $*" >&2; exit 1; }

for name in BROKER_USER BROKER_PASSWORD BROKER_PRODUCER_PASSWORD BROKER_CONSUMER_PASSWORD; do
  [[ ${!name:-} =~ ^[A-Za-z0-9._-]+$ ]] || fail "$name is not set, or has characters other than letters, digits and ._- (see .env.example)"
done
[[ $BROKER_USER != producer && $BROKER_USER != consumer ]] || fail "BROKER_USER is the administrator: another name than $BROKER_USER"

# RabbitMQ's own form: base64 of four bytes of salt and the SHA-256 of salt and password.
hash() { # PASSWORD
  local salt hex
  salt=$(od -An -N2 -tx1 /dev/urandom | tr -d ' \n')
  hex=$(printf '%s%s' "$salt" "$1" | sha256sum)
  # shellcheck disable=SC2059
  { printf '%s' "$salt"; printf "$(sed 's/../\\x&/g' <<< "${hex:0:64}")"; } | base64 -w0
}

user() { # NAME PASSWORD TAGS
  printf '{"name":"%s","password_hash":"%s","hashing_algorithm":"rabbit_password_hashing_sha256","tags":[%s]}' "$1" "$(hash "$2")" "$3"
}

permission() { # NAME CONFIGURE WRITE READ
  printf '{"user":"%s","vhost":"/","configure":"%s","write":"%s","read":"%s"}' "$@"
}

definitions() {
  local ours='^broker\\.'
  printf '{"vhosts":[{"name":"/"}],"users":[%s,%s,%s],"permissions":[%s,%s,%s]}\n' \
    "$(user "$BROKER_USER" "$BROKER_PASSWORD" '"administrator"')" \
    "$(user producer "$BROKER_PRODUCER_PASSWORD" '')" \
    "$(user consumer "$BROKER_CONSUMER_PASSWORD" '')" \
    "$(permission "$BROKER_USER" '.*' '.*' '.*')" \
    "$(permission producer "$ours" "$ours" '^broker\\.(jobs|suspects|dead|control|results|kinds|outcomes|log|token|queue|pipe)')" \
    "$(permission consumer "$ours" "$ours" "$ours")"
}

if [[ ${1:-} == definitions ]]; then
  definitions
  exit
fi
(umask 077 && definitions > /var/lib/rabbitmq/definitions.json)
unset BROKER_USER BROKER_PASSWORD BROKER_PRODUCER_PASSWORD BROKER_CONSUMER_PASSWORD
exec docker-entrypoint.sh "$@"
