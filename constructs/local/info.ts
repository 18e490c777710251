/** Fields of an `INFO` answer. */
export type Info = Readonly<Record<string, string>>;

/** Reads an `INFO` answer. */
export function parseInfo(text: string): Info {
  const lines = text.matchAll(/^([a-z0-9_]+):(.*?)\r?$/gim);
  return Object.fromEntries([...lines].map(([, name = '', value = '']) => [name, value]));
}

/** Pairs of names and values, as Sentinel answers. */
export function parsePairs(flat: unknown): Info {
  const words = Array.isArray(flat) ? flat.map(String) : [];
  return Object.fromEntries(words.flatMap((name, index) => (index % 2 === 0 ? [[name, words[index + 1] ?? '']] : [])));
}
