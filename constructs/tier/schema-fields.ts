import schema from './config.schema.json';
import { child } from './plain';

type Node = Readonly<Record<string, unknown>>;

const definitions = schema.definitions as unknown as Readonly<Record<string, Node>>;

/**
 * The nearest part of a path such as `access.users[0].x` that names a field of the config; `$` where none does.
 * Names that the config itself makes up, such as those of tags, are no fields.
 */
export function nearestField(path: string): string {
  if (path === '$') return path;
  const steps = path.split(/\.|(?=\[)/).map((step) => (step.startsWith('[') ? Number(step.slice(1, -1)) : step));
  let nodes: readonly Node[] = [schema];
  let known = '$';
  for (const step of steps) {
    nodes = nodes.flatMap(followed).flatMap((node) => below(node, step));
    if (nodes.length === 0) break;
    known = child(known, step);
  }
  return known;
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

function below(node: Node, step: string | number): readonly Node[] {
  if (typeof step === 'number') return node['items'] ? [node['items'] as Node] : [];
  const properties = node['properties'] as Readonly<Record<string, Node>> | undefined;
  const property = properties && Object.hasOwn(properties, step) ? properties[step] : undefined;
  return property ? [property] : [];
}
