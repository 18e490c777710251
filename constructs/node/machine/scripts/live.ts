/**
 * Makes running servers take changed files: users by ACL LOAD, settings by CONFIG SET and SENTINEL SET, certificates by
 * reloading them, and by restarting Sentinel, which cannot reload them.
 *
 * What needs a restart, and passwords that the other nodes may not admit yet, are left for `cachetier-node take`, which
 * the rollout runs on one node at a time. A value that Valkey refuses is named, and the step fails.
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

# The files admit a password and the one before it. One that is older is in use where a rotation was not rolled out.
passwords_follow() {
  local used
  [ -e "$state/credentials.applied" ] || return 0
  # shellcheck source=/dev/null
  used="$(. "$state/credentials.applied" && echo "$OPERATOR_PASSWORD")"
  [ "$used" = "$OPERATOR_PASSWORD" ] || [ "$used" = "$OPERATOR_PASSWORD_BEFORE" ]
}

# Standard input keeps values, some of them secret, out of the argument list. This client ends with 0 whatever is answered.
set_config() { printf 'CONFIG SET %s\n' "$1" | valkey 2>&1 | grep -v '^OK$' || true; }
quote() { sed -e 's/[\\"]/\\&/g' -e 's/^/"/' -e 's/$/"/' <<<"$1"; }

# A setting that left the config goes back to what this version of Valkey has without it: a server of its own says so.
default_of() {
  local folder answer=''
  folder="$(mktemp -d)"
  valkey-server --port 0 --unixsocket "$folder/socket" --dir "$folder" --save '' >"$folder/log" 2>&1 &
  for _ in $(seq 50); do
    if answer="$(timeout 5 valkey-cli -s "$folder/socket" CONFIG GET "$1" 2>/dev/null)"; then break; fi
    sleep 0.1
  done
  if kill "$!" 2>/dev/null; then wait "$!" 2>/dev/null || true; fi
  rm -rf "$folder"
  sed -n 2p <<<"$answer"
}

# give NAME VALUE: at once, or noted for the next restart.
give() {
  local current answer
  current="$(valkey CONFIG GET "$1")"
  if [ -z "$current" ]; then
    problem "$1: this version of Valkey does not know it"
    return 1
  fi
  current="$(sed -n 2p <<<"$current")"
  if [ "$current" = "$2" ]; then return; fi
  answer="$(set_config "$1 $(quote "$2")")"
  case "$answer" in
    '') ;;
    *'immutable config'*)
      echo "$1 $2" >>"$state/restart-wanted.new"
      echo "$1: runs with '$current', '$2' waits for a restart"
      ;;
    *)
      problem "$1: needed '$2', runs with '$current': $answer"
      return 1
      ;;
  esac
}

# Certificates of running servers may be of another CA, or have expired, and this step is what mends that. A connection
# to this node's own address does not leave the machine.
# shellcheck disable=SC2034 # for lib.sh
trust_own() {
  case "$(valkey PING 2>&1)$([ ! -e "$etc/sentinel-settings" ] || sentinel PING 2>&1)" in
    *'certificate verify failed'*) unverified=--insecure ;;
  esac
}

apply_to_valkey() {
  local answer name wanted
  load_users valkey
  if ! answer="$(valkey PING 2>&1)"; then
    problem "valkey does not answer: $answer"
    return
  fi
  answer="$(set_config "tls-cert-file $TLS_FOLDER/node.crt tls-key-file $TLS_FOLDER/node.key tls-ca-cert-file $TLS_FOLDER/ca.crt")"
  [ -z "$answer" ] || problem "certificates of valkey: $answer"

  touch "$state/settings.applied"
  : >"$state/restart-wanted.new"
  while read -r name wanted; do
    if give "$name" "$wanted" && ! grep -Fxq "$name" "$state/settings.applied"; then echo "$name" >>"$state/settings.applied"; fi
  done <"$etc/valkey-settings"
  while read -r name; do
    if grep -q "^$name " "$etc/valkey-settings"; then continue; fi
    # Only once it runs with the default is it forgotten.
    if give "$name" "$(default_of "$name")" && ! grep -q "^$name " "$state/restart-wanted.new"; then
      sed -i "/^$name\$/d" "$state/settings.applied"
    fi
  done < <(cat "$state/settings.applied")
  mv "$state/restart-wanted.new" "$state/restart-wanted"
  answer="$(valkey CONFIG REWRITE 2>&1)" || problem "valkey.conf could not be rewritten: $answer"
}

apply_to_sentinel() {
  local answer name wanted
  while read -r name wanted; do
    answer="$(sentinel SENTINEL SET "$TIER" "$name" "$wanted" 2>&1)" || problem "sentinel $name: $answer"
  done <"$etc/sentinel-settings"
}

# Sentinel reads its certificate at its start only. It is restarted where the others can do without it, and they see it
# again before another is. One whose certificate nobody accepts is of no use to them as it is.
apply_certificate_to_sentinel() {
  local answer='' all
  if [ "$(certificate_sum)" = "$(cat "$state/certificate.applied")" ]; then return; fi
  if { ! answer="$(sentinel SENTINEL CKQUORUM "$TIER" 2>&1)" && [ -z "$unverified" ]; } || ! systemctl restart valkey-sentinel.service; then
    problem "sentinel was not restarted for its new certificate: $answer"
    return
  fi
  all=$(($(wc -w <<<"$PEERS") + 1))
  for _ in $(seq 60); do
    answer="$(sentinel SENTINEL CKQUORUM "$TIER" 2>&1)" || true
    case "$answer" in "OK $all usable"*) return ;; esac
    sleep 0.5
  done
  problem "sentinel has its new certificate, and does not see all others: $answer"
}

trust_own
if ! passwords_follow; then
  problem 'passwords: the ones in use are older than those that the files admit; roll out the rotation before to every node first'
  exit 3
fi
apply_to_valkey
if [ -e "$etc/sentinel-settings" ]; then
  load_users sentinel
  apply_certificate_to_sentinel
  apply_to_sentinel
fi
if [ -s "$problems" ]; then exit 3; fi
# What is in use from the start. Later passwords are used once 'cachetier-node take' has taken them.
[ -e "$state/credentials.applied" ] || cp "$etc/credentials" "$state/credentials.applied"
`;
