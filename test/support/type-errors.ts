import { join, relative, resolve } from 'node:path';
import * as ts from 'typescript';

const root = resolve(__dirname, '../..');

/**
 * What the compiler says about programs as strict as this repository is, one line each: `file(line): message`.
 *
 * @param files - paths below the repository, or texts by the path that they would have
 */
export function typeErrors(files: readonly string[] | Readonly<Record<string, string>>): readonly string[] {
  const texts = new Map<string, string>();
  if (!isList(files)) for (const [path, text] of Object.entries(files)) texts.set(join(root, path), text);
  const names = isList(files) ? files.map((path) => join(root, path)) : [...texts.keys()];
  const options: ts.CompilerOptions = { ...ownOptions(), noUnusedLocals: false, noEmit: true };
  const host = ts.createCompilerHost(options);
  const read = {
    fileExists: host.fileExists.bind(host),
    readFile: host.readFile.bind(host),
  };
  host.fileExists = (name) => texts.has(name) || read.fileExists(name);
  host.readFile = (name) => texts.get(name) ?? read.readFile(name);
  const program = ts.createProgram(names, options, host);
  return names.flatMap((name) => {
    const source = program.getSourceFile(name);
    if (!source) return [`${relative(root, name)}: there is no such file`];
    return ts.getPreEmitDiagnostics(program, source).map(line);
  });
}

function isList(files: readonly string[] | Readonly<Record<string, string>>): files is readonly string[] {
  return Array.isArray(files);
}

function ownOptions(): ts.CompilerOptions {
  const host = { ...ts.sys, onUnRecoverableConfigFileDiagnostic: () => undefined };
  const parsed = ts.getParsedCommandLineOfConfigFile(join(root, 'tsconfig.json'), {}, host);
  if (!parsed) throw new Error('tsconfig.json cannot be read');
  return parsed.options;
}

function line(found: ts.Diagnostic): string {
  const text = ts.flattenDiagnosticMessageText(found.messageText, ' ');
  if (!found.file || found.start === undefined) return text;
  const at = found.file.getLineAndCharacterOfPosition(found.start).line + 1;
  return `${relative(root, found.file.fileName)}(${at}): ${text}`;
}
