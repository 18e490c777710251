import type { Bench } from './bench';

/**
 * Data of every type that Valkey has, small and large, with and without an end, as commands for `valkey-cli`; a shell
 * script for the node that leads.
 */
export const everyType = String.raw`. /usr/local/lib/cachetier/lib.sh
valkey EVAL "
local call = redis.call
for i = 1, 300 do
  call('SET', 'string:' .. i, string.rep('v' .. i, i))
  call('RPUSH', 'list:small', i) call('RPUSH', 'list:large', string.rep('x', 500) .. i)
  call('SADD', 'set:numbers', i) call('SADD', 'set:words', 'w' .. i)
  call('ZADD', 'sorted:large', i / 3, 'm' .. i)
  call('HSET', 'hash:large', 'f' .. i, string.rep('y', 80))
  call('PFADD', 'log', 'e' .. i)
  call('XADD', 'stream', i .. '-1', 'field', i)
  call('SETBIT', 'bits', i * 7, 1)
  call('SET', 'ends:' .. i, i, 'PXAT', 4102444800000 + i)
end
call('SET', 'number', 42) call('SET', 'empty', '')
call('HSET', 'hash:small', 'a', 1) call('ZADD', 'sorted:small', 1, 'a')
call('SADD', 'set:small', 'a', 'b') call('GEOADD', 'places', 13.361389, 38.115556, 'Palermo')
call('XGROUP', 'CREATE', 'stream', 'readers', '0') call('XREADGROUP', 'GROUP', 'readers', 'one', 'COUNT', 5, 'STREAMS', 'stream', '>')
call('EXPIREAT', 'hash:small', 4102444800)
" 0 >/dev/null
valkey FUNCTION LOAD REPLACE "#!lua name=ours
server.register_function('ours', function() return 1 end)" >/dev/null
valkey -n 1 SET 'in another database' yes >/dev/null`;

/** What a node holds, as a digest of every key, type and value, of every end, and of the functions; the pulse apart. */
export async function contentOf(bench: Bench, letter: string): Promise<string> {
  return bench.machine(letter).exec(
    String.raw`. /usr/local/lib/cachetier/lib.sh
folder="$(mktemp -d)"; trap 'kill "$pid"; rm -rf "$folder"' EXIT
valkey --rdb "$folder/dump.rdb" >/dev/null 2>&1
valkey-server --port 0 --unixsocket "$folder/socket" --dir "$folder" --save '' --enable-debug-command local >/dev/null 2>&1 & pid=$!
look() { valkey-cli -e -s "$folder/socket" "$@"; }
until look PING >/dev/null 2>&1; do sleep 0.05; done
look DEL cachetier:pulse >/dev/null
look DEBUG DIGEST
look INFO keyspace | sed -n 's/^\(db[0-9]*:keys=[0-9]*,expires=[0-9]*\).*/\1/p'
look EVAL "local all = redis.call('KEYS', '*') table.sort(all) local ends = {} for i, key in ipairs(all) do ends[i] = key .. redis.call('PEXPIRETIME', key) .. redis.call('OBJECT', 'ENCODING', key) end return redis.sha1hex(table.concat(ends, ' '))" 0
look FUNCTION DUMP | sha1sum
look XINFO GROUPS stream | tr '\n' ' '`,
    { timeoutMs: 60_000 },
  );
}
