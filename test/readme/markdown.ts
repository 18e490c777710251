import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';

const root = resolve(__dirname, '../..');

/** A fenced block of a document. */
export interface Block {
  readonly document: string;
  /** Line of the fence. */
  readonly line: number;
  readonly language: string;
  readonly text: string;
}

/** The text of a document of this repository. */
export function textOf(document: string): string {
  return readFileSync(join(root, document), 'utf8');
}

/** The fenced blocks of a document, also those that a list indents. */
export function blocksOf(document: string): readonly Block[] {
  const all = textOf(document);
  const found = [...all.matchAll(/^( *)```(.*)\n([\s\S]*?)^\1```$/gm)];
  return found.map(({ index, 1: indent = '', 2: language = '', 3: text = '' }) => ({
    document,
    line: all.slice(0, index).split('\n').length,
    language,
    text: text.replaceAll(new RegExp(`^${indent}`, 'gm'), ''),
  }));
}

/** A document without its fenced blocks. */
function proseOf(document: string): string {
  return textOf(document).replaceAll(/^( *)```[\s\S]*?^\1```$/gm, '');
}

/** Commands of a program that the prose of a document names: `like this`. */
export function namedIn(document: string, program: string): readonly string[] {
  return [...proseOf(document).matchAll(/`([^`\n]+)`/g)].flatMap(([, code = '']) =>
    code.startsWith(`${program} `) ? [code] : [],
  );
}

/** Commands of a shell block, one each: without comments, joined where a line goes on, parted at `&&` and `|`. */
export function commandsOf({ text }: Block): readonly string[] {
  return text
    .replaceAll(/\\\n\s*/g, '')
    .split('\n')
    .map((line) => line.replace(/(^| +)#.*$/, '').trim())
    .flatMap((line) => line.split(/ && | \| /))
    .filter((line) => line !== '');
}

/** Words of a command as a shell parts them; quotes of one kind only. */
export function wordsOf(command: string): readonly string[] {
  return (command.match(/'[^']*'|\S+/g) ?? []).map((word) => word.replaceAll("'", ''));
}

/** Links of a document that lead nowhere: to no file, or to no heading of it. */
export function brokenLinksOf(document: string): readonly string[] {
  const links = [...proseOf(document).matchAll(/\]\(([^)\s]+)\)/g)].map(([, link = '']) => link);
  return links.filter((link) => !/^(https?|mailto):/.test(link) && !leadsSomewhere(document, link));
}

function leadsSomewhere(document: string, link: string): boolean {
  const [path = '', anchor] = link.split('#');
  const file = path === '' ? document : relative(root, resolve(root, dirname(document), path));
  if (!existsSync(join(root, file))) return false;
  return anchor === undefined || anchorsOf(file).includes(anchor);
}

/** Anchors of a document's headings, as GitHub makes them. */
function anchorsOf(document: string): readonly string[] {
  return [...textOf(document).matchAll(/^#+ (.+)$/gm)].map(([, title = '']) =>
    title
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
      .replaceAll(' ', '-'),
  );
}

/** Names of the sections of a document, as a link names them. */
export function sectionsOf(document: string): readonly string[] {
  return [...textOf(document).matchAll(/^## (.+)$/gm)].map(([, name = '']) => name.toLowerCase());
}
