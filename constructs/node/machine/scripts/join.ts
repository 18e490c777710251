/**
 * Finds the primary of a tier that already runs, before the first start of this node.
 *
 * Only the other Sentinels are asked: that of this node knows no more than its seed, and counting it could let the
 * minority side of a partition win this node over. Their word must be that of a majority of the tier, and the node they
 * name must answer as a primary. Nothing is decided because nobody answers.
 */
export const joinScript = String.raw`#!/bin/bash
# shellcheck disable=SC2153,SC2154 # variables of node.env and lib.sh
# Seeds replicaof from what the other Sentinels say. systemd tries it again until it succeeds.
# Usage: join [--follow LETTER]    with the operator's word instead of a majority's
set -euo pipefail
# shellcheck source=/dev/null
. "$(dirname "$0")/lib.sh"

wait_more() {
  echo "not joined yet: $1" >&2
  exit 1
}

exec 9>"$state/role.lock"
flock -n 9 || wait_more 'another script decides the role of this node'
if [ -e "$state/joined" ]; then
  echo 'already joined'
  exit 0
fi

answers() {
  local peer letter address port sentinel_port
  for peer in $PEERS; do
    IFS=, read -r letter address port sentinel_port <<<"$peer"
    sentinel_at "$address" "$sentinel_port" SENTINEL get-master-addr-by-name "$TIER" 2>/dev/null | paste -sd ' ' ||
      echo "Sentinel of node $letter ($address, Valkey on $port) does not answer" >&2
  done
}

if [ "$#" -eq 2 ] && [ "$1" = --follow ]; then
  named="$(tr ' ' '\n' <<<"$PEERS" | awk -F, -v letter="$2" '$1 == letter { print $2, $3 }')"
  [ -n "$named" ] || wait_more "there is no other node $2"
else
  read -r votes named <<<"$(answers | grep . | sort | uniq -c | sort -rn | head -n 1 || true)" || true
  [ -n "$votes" ] || wait_more 'no other Sentinel names a primary'
  [ "$votes" -ge "$MAJORITY" ] || wait_more "only $votes of the other Sentinels name $named, needed $MAJORITY"
fi
read -r address port <<<"$named"
if [ "$address $port" = "$ADDRESS $VALKEY_PORT" ]; then
  wait_more 'the others still name this node, which holds no data; waiting until they have failed over'
fi
[ "$(valkey_at "$address" "$port" ROLE 2>/dev/null | head -n 1)" = master ] ||
  wait_more "$address:$port is named as the primary but does not answer as one"

conf="$CONFIG_FOLDER/valkey.conf"
cp -p "$conf" "$conf.joining"
{ grep -v '^replicaof ' "$conf" && echo "replicaof $address $port"; } >"$conf.joining"
mv -f "$conf.joining" "$conf"
touch "$state/joined"
echo "joined as a replica of $address:$port"
`;
