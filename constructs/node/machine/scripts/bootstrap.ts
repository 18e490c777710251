/**
 * `cachetier-bootstrap`: the deploy step's word that a tier is new and this node its first primary.
 *
 * It looks before it believes: a tier that has ever run must not get an empty primary, because its replicas would copy
 * the emptiness. It therefore needs every other Sentinel to answer and to have never seen a primary.
 */
export const bootstrapScript = String.raw`#!/bin/bash
# shellcheck disable=SC2153,SC2154 # variables of node.env and lib.sh
# Makes this node the first primary of a new tier. Says so and does nothing where that was done before.
set -euo pipefail
lib="$(printenv CACHETIER_LIB || echo /usr/local/lib/cachetier)"
# shellcheck source=/dev/null
. "$lib/lib.sh"
patience="$(printenv CACHETIER_PATIENCE || echo 120)"

refuse() {
  echo "cachetier-bootstrap: refused: $1" >&2
  exit 3
}

# field NAME: one field of SENTINEL MASTER, which gives names and values on lines of their own.
field() { awk -v name="$1" 'NR % 2 { key = $0; next } key == name { print; exit }'; }

exec 9>"$state/role.lock"
flock -w 60 9 || refuse 'another script decides the role of this node'
if [ -e "$state/joined" ]; then
  echo 'this node has its place in the tier already; nothing to do'
  exit 0
fi
[ "$LETTER" = "$FIRST_PRIMARY" ] || refuse "this is node $LETTER, the first primary is node $FIRST_PRIMARY"
if [ -n "$(ls -A "$DATA_FOLDER/appendonlydir" 2>/dev/null)" ] || [ -e "$DATA_FOLDER/dump.rdb" ]; then
  refuse "$DATA_FOLDER already holds data"
fi

for peer in $PEERS; do
  IFS=, read -r letter address port sentinel_port <<<"$peer"
  waited=0
  until master="$(sentinel_at "$address" "$sentinel_port" SENTINEL MASTER "$TIER" 2>/dev/null)"; do
    [ "$waited" -lt "$patience" ] || refuse "the Sentinel of node $letter ($address:$sentinel_port) does not answer; apply that node first"
    sleep 1
    waited=$((waited + 1))
  done
  named="$(field ip <<<"$master") $(field port <<<"$master")"
  [ "$named" = "$ADDRESS $VALKEY_PORT" ] || refuse "the Sentinel of node $letter names another primary, $named"
  [ "$(field config-epoch <<<"$master")" = 0 ] || refuse "the Sentinel of node $letter remembers a failover"
  [ -z "$(field runid <<<"$master")" ] || refuse "the Sentinel of node $letter has seen a primary before"
  if listening "$address" "$port"; then refuse "Valkey already runs on node $letter"; fi
done

touch "$state/joined"
systemctl enable valkey-server.service
systemctl start valkey-server.service
"$lib/live"
echo "node $LETTER is the first primary of $TIER"
`;
