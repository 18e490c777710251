import type { NodeFile } from '../files';

/**
 * What the deploy step sends on the standard input of `cachetier-apply`: one line a file, then a line that says how many
 * there were, so that a connection cut short changes nothing.
 *
 * It holds every secret of the node: it goes over SSH only, and is never logged or written to a file.
 *
 * @throws Error when a path or an owner could not be told apart from the next field
 */
export function renderApplyPayload(files: readonly NodeFile[]): string {
  const body = files.map((file) => {
    const fields = [file.path, file.mode, file.owner, file.group, file.seedOnce ? 'once' : 'always'];
    const odd = fields.find((field) => !/^[A-Za-z0-9@%_./-]+$/.test(field));
    if (odd !== undefined) throw new Error(`a file of a node needs plain names, got "${odd}"`);
    return [...fields, Buffer.from(file.content, 'utf8').toString('base64')].join(' ');
  });
  return [`cachetier-apply/1`, ...body, `end ${files.length}`, ''].join('\n');
}
