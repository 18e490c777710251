/**
 * Ends the step of a node once its Valkey serves again: as a primary, or as a replica that has caught up.
 *
 * The next node is touched only then, so a tier whose servers change one after another always has a synced replica.
 * Before the tier is bootstrapped no node serves, and there is nothing to wait for.
 */
export const inSyncCommand = `bash -euc '${String.raw`
lib="$(printenv CACHETIER_LIB || echo /usr/local/lib/cachetier)"
. "$lib/lib.sh"
[ -e "$state/joined" ] || exit 0
patience="$(printenv CACHETIER_PATIENCE || echo 900)"
value() { sed -n "s/^$1:\([a-z0-9]*\).*/\1/p" <<<"$replication"; }
while [ "$SECONDS" -lt "$patience" ]; do
  replication="$(valkey INFO replication 2>/dev/null || true)"
  case "$(value role) $(value master_link_status) $(value master_sync_in_progress)" in
    "master "* | "slave up 0") exit 0 ;;
  esac
  sleep 1
done
echo "Valkey on node $LETTER does not serve or has not caught up after $patience s; the nodes after it were not touched" >&2
exit 3
`}'`;
