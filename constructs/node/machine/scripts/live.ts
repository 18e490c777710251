/**
 * Makes running servers take changed files: users by ACL LOAD, settings by CONFIG SET and SENTINEL SET, certificates by
 * reloading them, and by restarting Sentinel, which cannot reload them.
 *
 * What cannot be taken while running is named, and the step fails: a setting that only seems to be applied is worse
 * than one that is refused.
 */
export const liveScript = String.raw`#!/bin/bash
# shellcheck disable=SC2153,SC2154 # variables of node.env and lib.sh
# Applies changed files to Valkey and Sentinel of this node without restarting Valkey.
set -euo pipefail
# shellcheck source=/dev/null
. "$(dirname "$0")/lib.sh"
umask 077
problems="$(mktemp)"
problem() { echo "$1" >>"$problems"; }
report() {
  if [ -s "$problems" ]; then
    echo 'not everything could be applied while running:' >&2
    sed 's/^/  /' "$problems" >&2
  fi
  rm -f "$problems"
}
trap report EXIT

# load_users NAME: NAME is the function that talks to the server. A changed password of ours is in the files but not yet
# in the server, so the login is with the one before.
load_users() {
  local answer
  if ! "$1" PING >/dev/null 2>&1 && [ -e "$state/credentials.applied" ]; then
    # shellcheck source=/dev/null
    . "$state/credentials.applied"
  fi
  answer="$("$1" ACL LOAD 2>&1)" || problem "users of $1: $answer"
  # shellcheck source=/dev/null
  . "$etc/credentials"
}

# Standard input keeps values, some of them secret, out of the argument list. This client ends with 0 whatever is answered.
set_config() { printf 'CONFIG SET %s\n' "$1" | valkey 2>&1 | grep -v '^OK$' || true; }
quote() { sed -e 's/[\\"]/\\&/g' -e 's/^/"/' -e 's/$/"/' <<<"$1"; }

apply_to_valkey() {
  local answer name wanted current
  load_users valkey
  answer="$(set_config "tls-cert-file $TLS_FOLDER/node.crt tls-key-file $TLS_FOLDER/node.key tls-ca-cert-file $TLS_FOLDER/ca.crt")"
  [ -z "$answer" ] || problem "certificates of valkey: $answer"

  touch "$state/settings.applied"
  while read -r name wanted; do
    answer=''
    current="$(valkey CONFIG GET "$name" | sed -n 2p)"
    if [ -z "$current" ] && [ -z "$(valkey CONFIG GET "$name")" ]; then
      answer='this version of Valkey does not know it'
      problem "$name: $answer"
    elif [ "$current" != "$wanted" ]; then
      answer="$(set_config "$name $(quote "$wanted")")"
      [ -z "$answer" ] || problem "$name: needed '$wanted', runs with '$current', needs a restart or another value: $answer"
    fi
    [ -n "$answer" ] || grep -Fxq "$name" "$state/settings.applied" || echo "$name" >>"$state/settings.applied"
  done <"$etc/valkey-settings"
  while read -r name; do
    if ! grep -q "^$name " "$etc/valkey-settings"; then
      problem "$name: no longer in the config, still '$(valkey CONFIG GET "$name" | sed -n 2p)'; give the value that it shall have"
    fi
  done <"$state/settings.applied"
  answer="$(set_config "masterauth $REPLICATION_PASSWORD")"
  [ -z "$answer" ] || problem "password of replication: $answer"
  answer="$(valkey CONFIG REWRITE 2>&1)" || problem "valkey.conf could not be rewritten: $answer"
}

apply_to_sentinel() {
  local answer name wanted
  load_users sentinel
  while read -r name wanted; do
    answer="$(sentinel SENTINEL SET "$TIER" "$name" "$wanted" 2>&1)" || problem "sentinel $name: $answer"
  done <"$etc/sentinel-settings"
  if ! cmp -s "$etc/credentials" "$state/credentials.applied"; then
    answer="$(printf 'SENTINEL SET %s auth-pass %s\nSENTINEL CONFIG SET sentinel-pass %s\n' \
      "$TIER" "$SENTINEL_PASSWORD" "$SENTINEL_ADMIN_PASSWORD" | sentinel 2>&1 | grep -v '^OK$' || true)"
    [ -z "$answer" ] || problem "passwords of sentinel: $answer"
  fi
}

# Sentinel reads its certificate at its start only. It is restarted where the others can do without it.
apply_certificate_to_sentinel() {
  local answer=''
  if [ "$(certificate_sum)" = "$(cat "$state/certificate.applied")" ]; then return; fi
  if ! answer="$(sentinel SENTINEL CKQUORUM "$TIER" 2>&1)" || ! systemctl restart valkey-sentinel.service; then
    problem "sentinel was not restarted for its new certificate: $answer"
  fi
}

apply_to_valkey
apply_to_sentinel
apply_certificate_to_sentinel
if [ -s "$problems" ]; then exit 3; fi
cp "$etc/credentials" "$state/credentials.applied"
`;
