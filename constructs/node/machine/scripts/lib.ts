/**
 * What the scripts of a node share. Passwords go by the environment, never as arguments; every call to another node is
 * bounded, so that one that hangs holds nobody up.
 */
export const libScript = String.raw`# shellcheck shell=bash disable=SC2153 # variables of node.env
# Sourced by the scripts beside it. CACHETIER_ETC and CACHETIER_STATE name other folders than the usual ones.
etc="$(printenv CACHETIER_ETC || echo /etc/cachetier)"
# shellcheck disable=SC2034 # for the scripts that source this
state="$(printenv CACHETIER_STATE || echo /var/lib/cachetier)"
# shellcheck source=/dev/null
. "$etc/node.env"
# shellcheck source=/dev/null
. "$etc/credentials"

# Set for servers of this node whose own certificate is what is to be mended.
unverified=''

# client USER PASSWORD ADDRESS PORT [COMMAND...]; without a command it reads commands from standard input.
client() {
  local user="$1" password="$2" address="$3" port="$4"
  shift 4
  # shellcheck disable=SC2086 # nothing, or one word
  REDISCLI_AUTH="$password" VALKEYCLI_AUTH="$password" timeout 10 \
    valkey-cli -e --no-auth-warning --tls --cacert "$CA_FILE" $unverified --user "$user" -h "$address" -p "$port" "$@"
}

valkey_at() { client "$OPERATOR" "$OPERATOR_PASSWORD" "$@"; }
sentinel_at() { client "$SENTINEL_ADMIN" "$SENTINEL_ADMIN_PASSWORD" "$@"; }
valkey() { valkey_at "$ADDRESS" "$VALKEY_PORT" "$@"; }
sentinel() { sentinel_at "$ADDRESS" "$SENTINEL_PORT" "$@"; }

certificate_sum() { cat "$TLS_FOLDER/ca.crt" "$TLS_FOLDER/node.crt" | sha256sum; }

# listening ADDRESS PORT: whether anything accepts a connection there.
listening() { timeout 2 bash -c "exec 3<>/dev/tcp/$1/$2" 2>/dev/null; }
`;
