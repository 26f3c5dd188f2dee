# shellcheck shell=bash
# Which RabbitMQ: the one that BROKER_URL names, else a private one.

private_broker=$root/infra/rabbitmq/private-broker.sh
up_broker_dir=$state/rabbitmq

# After `eval "$(./broker env)"` these name the broker of `up`, which is not a choice of the user.
forget_own_url() {
  if [[ ${BROKER_URL_FILE:-} == "$state/url" ]]; then unset BROKER_URL_FILE; fi
  if [[ -n ${BROKER_URL:-} && $BROKER_URL == "$("$private_broker" url "$up_broker_dir" 2>/dev/null)" ]]; then
    unset BROKER_URL
  fi
}

url_was_given() { [[ -n ${BROKER_URL:-} || -n ${BROKER_URL_FILE:-} ]]; }

given_url() { if [[ -n ${BROKER_URL:-} ]]; then echo "$BROKER_URL"; else cat -- "$BROKER_URL_FILE"; fi; }

redacted() { sed -E 's#(://[^:@/]*):[^@]*@#\1:***@#'; }

start_private_broker() { # DIR
  if [[ -z ${RABBITMQ_SERVER_BIN:-} ]]; then
    uninterruptible=yes
    run "$root/infra/rabbitmq/install.sh" || exit
    uninterruptible=
  fi
  say 'Starting a private RabbitMQ ...'
  local code=0
  run into "$work/url" "$private_broker" start "$1" || code=$?
  ((code == 0)) || exit "$code"
  BROKER_URL=$(<"$work/url")
  export BROKER_URL
}

# For one command; stopped at its end.
use_temporary_broker() {
  if url_was_given; then
    say "Using the RabbitMQ at $(given_url | redacted)."
  else
    private_broker_dir=$work/rabbitmq
    start_private_broker "$private_broker_dir"
  fi
}
