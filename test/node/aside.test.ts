import { besideKeeper } from './beside-keeper';

/** What a node gives up is kept: what it had last, whenever that was. */
const main = `import json, os, sys, tempfile
import aside
steps = json.load(sys.stdin)
folder = tempfile.mkdtemp()
files = os.path.join(folder, "appendonlydir")
os.mkdir(files)
seen = []
for content, letter in steps:
    path = os.path.join(files, "appendonly.aof.1.incr.aof")
    if content is not None:
        with open(path + ".new", "w") as file:
            file.write(content)
        os.replace(path + ".new", path)
    aside.keep(folder, "a", {"pulse": [1, 1, letter, "run"]})
    kept = os.path.join(folder, aside.KEPT, "appendonly.aof.1.incr.aof")
    seen.append([open(kept).read(), os.stat(os.path.dirname(kept)).st_mtime_ns] if os.path.exists(kept) else None)
print(json.dumps(seen))
`;

test('the last data that a node wrote as the primary is kept, also where it gave up other data just before', async () => {
  const seen = (await besideKeeper(main, [
    ['of the first time', 'a'],
    [null, 'a'],
    ['of the second time', 'a'],
    ['copied from node b', 'b'],
  ])) as readonly (readonly [string, number])[];
  expect(seen.map(([content]) => content)).toEqual([
    'of the first time',
    'of the first time',
    'of the second time',
    'of the second time',
  ]);
  // Told to follow again, it keeps what it has kept.
  expect(seen[1]?.[1]).toBe(seen[0]?.[1]);
});
