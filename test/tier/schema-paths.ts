import schema from '../../constructs/tier/config.schema.json';

type Node = Readonly<Record<string, unknown>>;

const definitions = schema.definitions as unknown as Readonly<Record<string, Node>>;

/** Whether a path such as `access.users[0].keys` names a field that the schema knows. */
export function pathExists(path: string): boolean {
  if (path === '$') return true;
  const steps = path.replaceAll(/\[\d+\]/g, '.[]').split('.');
  return reaches([schema], steps);
}

function reaches(nodes: readonly Node[], [step, ...rest]: readonly string[]): boolean {
  if (step === undefined) return nodes.length > 0;
  return reaches(
    nodes.flatMap(branches).flatMap((node) => next(node, step)),
    rest,
  );
}

/** A node with its references and choices followed. */
function branches(node: Node): readonly Node[] {
  const target = typeof node['$ref'] === 'string' ? definitions[node['$ref'].replace('#/definitions/', '')] : undefined;
  if (target) return branches(target);
  const choice = (node['anyOf'] ?? node['oneOf']) as readonly Node[] | undefined;
  return choice ? choice.flatMap(branches) : [node];
}

function next(node: Node, step: string): readonly Node[] {
  if (step === '[]') return node['items'] ? [node['items'] as Node] : [];
  const property = (node['properties'] as Readonly<Record<string, Node>> | undefined)?.[step];
  if (property) return [property];
  return typeof node['additionalProperties'] === 'object' ? [node['additionalProperties'] as Node] : [];
}
