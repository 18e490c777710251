import schema from './config.schema.json';
import { pathOf, type Segment } from './paths';

type Node = Readonly<Record<string, unknown>>;

const definitions = schema.definitions as unknown as Readonly<Record<string, Node>>;

/**
 * The part of a path that names a field of the config; nothing where not even the first step does.
 * Names that the config itself makes up, such as those of tags, are no fields.
 */
export function knownPart(segments: readonly Segment[]): readonly Segment[] {
  let nodes: readonly Node[] = [schema as unknown as Node];
  for (const [index, segment] of segments.entries()) {
    nodes = nodes.flatMap(followed).flatMap((node) => below(node, segment));
    if (nodes.length === 0) return segments.slice(0, index);
  }
  return segments;
}

/** A field of the config, and the target or provider that it belongs to. */
export interface Place {
  readonly path: string;
  /** `kind` or `provider` of the part that has the field, or null where every part has it. */
  readonly of: string | null;
}

let places: ReadonlyMap<string, readonly Place[]> | undefined;

/** Where a field of this name is, by the names in the config; fields below `targets` are those of `target`. */
export function placesOf(name: string): readonly Place[] {
  places ??= collect();
  return places.get(name) ?? [];
}

function collect(): ReadonlyMap<string, readonly Place[]> {
  const found = new Map<string, Place[]>();
  const walk = (node: Node, at: readonly Segment[], of: string | null): void => {
    for (const [name, property] of Object.entries((node['properties'] ?? {}) as Readonly<Record<string, Node>>)) {
      if (at.length === 0 && name === 'targets') continue;
      const here = [...at, name];
      found.set(name, [...(found.get(name) ?? []), { path: pathOf(here), of }]);
      for (const next of followed(property)) walk(next, here, tagOf(next) ?? of);
    }
    if (node['items']) for (const next of followed(node['items'] as Node)) walk(next, [...at, 0], tagOf(next) ?? of);
  };
  walk(schema as unknown as Node, [], null);
  return found;
}

/** `elasticache` of the branch that fixes `kind` to it. */
function tagOf(node: Node): string | null {
  const properties = (node['properties'] ?? {}) as Readonly<Record<string, Node>>;
  const fixed = (properties['kind'] ?? properties['provider'])?.['const'];
  return typeof fixed === 'string' ? fixed : null;
}

/** A node with its references and choices followed. */
function followed(node: Node): readonly Node[] {
  if (typeof node['$ref'] === 'string') {
    const target = definitions[node['$ref'].replace('#/definitions/', '')];
    return target ? followed(target) : [];
  }
  const choice = (node['anyOf'] ?? node['oneOf']) as readonly Node[] | undefined;
  return choice ? choice.flatMap(followed) : [node];
}

function below(node: Node, segment: Segment): readonly Node[] {
  if (typeof segment === 'number') return node['items'] ? [node['items'] as Node] : [];
  const properties = node['properties'] as Readonly<Record<string, Node>> | undefined;
  const property = properties && Object.hasOwn(properties, segment) ? properties[segment] : undefined;
  return property ? [property] : [];
}
