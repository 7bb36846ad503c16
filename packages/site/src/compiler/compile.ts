// A candidate's TypeScript as a module, with what the command line says of it before anything runs: what it may not
// import, state that could hide, names that are not there. Nothing of it runs here.
import { transform } from 'sucrase';
import ts from 'typescript';
import { Broken, faultOf } from '@lastref/runner/rules';
import { refuseHidden } from '@lastref/runner/hidden';
import { refuseMisspelt } from '@lastref/runner/misspelt';
import { digestOfFiles, filesOf } from '@lastref/runner/version';
import { texts } from '../model/brought.ts';
import { place } from '../browser/fs.ts';
import { join } from '../browser/path.ts';
import type { PageSource } from '../model/isolate.ts';
import { STRATEGIES } from '../model/source.ts';

/** What is wrong, and where: lines from 1, columns from 1; 0: it stands nowhere. */
export interface Complaint {
  readonly text: string;
  readonly line: number;
  readonly column: number;
}

export type Compiled =
  | { readonly source: PageSource; readonly complaint: null }
  | { readonly source: null; readonly complaint: Complaint };

const THE_SEAM = '@lastref/kernel';

export function compile(name: string, text: string): Compiled {
  const file = `${STRATEGIES}${name}`;
  try {
    place(file, text);
    const parsed = ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true);
    refuseSyntax(name, parsed);
    refuseImports(name, parsed);
    refuseTwoReadings(name, parsed);
    const own = new Map([[file, text]]);
    refuseHidden(own);
    refuseMisspelt(own);
    const { code } = transform(text, { transforms: ['typescript', 'imports'], filePath: name });
    const version = digestOfFiles(filesOf(file));
    return { source: { file, name, code, version, text }, complaint: null };
  } catch (error) {
    if (!(error instanceof Broken)) throw error;
    return { source: null, complaint: complaintOf(name, error) };
  }
}

function complaintOf(name: string, error: Broken): Complaint {
  const { text } = faultOf(name, null, error);
  const at = /\.ts:(\d+)(?::(\d+))?: /.exec(error.message);
  return { text, line: Number(at?.[1] ?? 0), column: Number(at?.[2] ?? 1) };
}

interface Parsed extends ts.SourceFile {
  readonly parseDiagnostics?: readonly ts.DiagnosticWithLocation[];
}

function refuseSyntax(name: string, parsed: Parsed): void {
  const [first] = parsed.parseDiagnostics ?? [];
  if (first === undefined) return;
  const said = ts.flattenDiagnosticMessageText(first.messageText, ' ').replace(/\.$/, '');
  throw new Broken('its file', `${placeIn(name, parsed, first.start)}: ${said}`, 'compiles');
}

function placeIn(name: string, parsed: ts.SourceFile, at: number): string {
  const { line, character } = parsed.getLineAndCharacterOfPosition(at);
  return `${name}:${line + 1}:${character + 1}`;
}

/** A candidate imports the seam and its neighbours, as candidates/compile.ts says it. */
function refuseImports(name: string, parsed: ts.SourceFile): void {
  const visit = (node: ts.Node): void => {
    const path = importOf(node);
    if (path !== null && path !== THE_SEAM) {
      const neighbour = path.startsWith('.') && `${join(STRATEGIES, path)}` in texts;
      const at = placeIn(name, parsed, node.getStart(parsed));
      if (!neighbour)
        throw new Broken(
          'its file',
          `${at}: it imports ${path}; a design imports ${THE_SEAM} and its own files`,
          'compiles',
        );
    }
    ts.forEachChild(node, visit);
  };
  visit(parsed);
}

/**
 * `<!--` is three operators to TypeScript, which looks at what comes behind them, and begins a comment in the script that runs
 * (`-->` where a line begins does too, and is no expression). The command line compares what both read: candidates/read-alike.ts.
 */
function refuseTwoReadings(name: string, parsed: ts.SourceFile): void {
  const visit = (node: ts.Node): void => {
    const at = node.getStart(parsed);
    if (node.kind === ts.SyntaxKind.LessThanToken && parsed.text.startsWith('<!--', at))
      throw new Broken(
        'its file',
        `${placeIn(name, parsed, at)}: <!-- begins a comment for what runs it, and none for TypeScript`,
        'state',
      );
    for (const part of node.getChildren(parsed)) visit(part);
  };
  visit(parsed);
}

/** What `node` imports, or null. */
function importOf(node: ts.Node): string | null {
  if (ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) {
    const { moduleSpecifier: from } = node;
    return from !== undefined && ts.isStringLiteral(from) ? from.text : null;
  }
  if (!ts.isCallExpression(node) || node.expression.kind !== ts.SyntaxKind.ImportKeyword)
    return null;
  return node.arguments[0]?.getText() ?? '';
}
