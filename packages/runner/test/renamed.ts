// Designs with one field called otherwise, as TypeScript itself renames it: the language service finds every place, so
// that shorthands, destructuring and subclasses in other files come along.
import { readFileSync, readdirSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { compileFunction } from 'node:vm';
import * as kernel from '@lastref/kernel';
import { eraOf, type Design } from '@lastref/kernel';
import {
  DEFAULT_BOUND,
  explore,
  type Beliefs,
  type Bound,
  type Exploration,
} from '@lastref/search';
import { miniature, workloadCalled } from '@lastref/workloads';
import { build } from 'esbuild';
import ts from 'typescript';

const STRATEGIES = resolve(import.meta.dirname, '../../../strategies');

/** Names that some field of the machine has, by which a search once left fields out. */
export const NAMES: readonly string[] =
  'when config options name due place serial route gen slot'.split(' ');

/** A field that a design declares: of its class, of a helper's, or of a record that it keeps. */
export interface Field {
  /** Of the class or the interface, for messages. */
  readonly owner: string;
  readonly name: string;
  readonly file: string;
  /** Where its name stands. */
  readonly at: number;
}

/** A design's file and the files of the repository that it is made of. */
export interface Parts {
  readonly id: string;
  readonly file: string;
  readonly files: readonly string[];
}

const designFiles: readonly string[] = ['', 'canaries'].flatMap((dir) =>
  readdirSync(join(STRATEGIES, dir))
    .filter((name) => name.endsWith('.ts') && !/^index\.|\.(test|config)\.ts$/.test(name))
    .map((name) => join(STRATEGIES, dir, name)),
);

const service = ts.createLanguageService(
  {
    getScriptFileNames: () => [...designFiles],
    getScriptVersion: () => '1',
    getScriptSnapshot: (file) =>
      ts.sys.fileExists(file) ? ts.ScriptSnapshot.fromString(textOf(file)) : undefined,
    getCurrentDirectory: () => STRATEGIES,
    getCompilationSettings: () => ({
      module: ts.ModuleKind.NodeNext,
      target: ts.ScriptTarget.ES2023,
      customConditions: ['@lastref/source'],
      allowImportingTsExtensions: true,
      noEmit: true,
      strict: true,
      types: [],
    }),
    getDefaultLibFileName: (options) => ts.getDefaultLibFilePath(options),
    fileExists: (file) => ts.sys.fileExists(file),
    readFile: (file) => ts.sys.readFile(file),
    directoryExists: (dir) => ts.sys.directoryExists(dir),
    getDirectories: (dir) => ts.sys.getDirectories(dir),
    realpath: (path) => ts.sys.realpath?.(path) ?? path,
  },
  ts.createDocumentRegistry(),
);

const texts = new Map<string, string>();

function textOf(file: string): string {
  let text = texts.get(file);
  if (text === undefined) texts.set(file, (text = readFileSync(file, 'utf8')));
  return text;
}

/** Every field that some design declares. */
export function allFields(): Field[] {
  const fields: Field[] = [];
  for (const file of service.getProgram()!.getSourceFiles()) {
    if (!isOfDesigns(file.fileName)) continue;
    const visit = (node: ts.Node, owner: string): void => {
      let within = owner;
      if (
        ts.isClassLike(node) ||
        ts.isInterfaceDeclaration(node) ||
        ts.isTypeAliasDeclaration(node)
      )
        within = node.name?.text ?? owner;
      const declares =
        ts.isPropertyDeclaration(node) ||
        ts.isPropertySignature(node) ||
        (ts.isParameter(node) && ts.isParameterPropertyDeclaration(node, node.parent));
      if (declares && ts.isIdentifier(node.name)) {
        const at = node.name.getStart(file);
        fields.push({ owner: within, name: node.name.text, file: file.fileName, at });
      }
      ts.forEachChild(node, (child) => visit(child, within));
    };
    visit(file, '');
  }
  return fields;
}

function isOfDesigns(file: string): boolean {
  return file.startsWith(STRATEGIES + '/') && !file.includes('/node_modules/');
}

/** The files in which `field` is called `to`, as they then read. */
export function renamed(field: Field, to: string): Map<string, string> {
  const places = service.findRenameLocations(field.file, field.at, false, false, {
    providePrefixAndSuffixTextForRename: true,
  });
  const changed = new Map<string, string>();
  // from the end of each file, so that places before a change stay where they are
  const order = (places ?? []).toSorted((a, b) => b.textSpan.start - a.textSpan.start);
  for (const { fileName, textSpan, prefixText = '', suffixText = '' } of order) {
    if (!isOfDesigns(fileName)) throw new Error(`${field.name} is not a design's own: ${fileName}`);
    const text = changed.get(fileName) ?? textOf(fileName);
    const before = text.slice(0, textSpan.start);
    const after = text.slice(textSpan.start + textSpan.length);
    changed.set(fileName, before + prefixText + to + suffixText + after);
  }
  return changed;
}

/** Every design of the repository, the canaries last. */
export async function allParts(): Promise<Parts[]> {
  return Promise.all(
    designFiles.map(async (file) => ({
      id: basename(file, '.ts'),
      file,
      files: (await bundle(file, new Map())).files,
    })),
  );
}

/** The design in `file`, some files of which read otherwise. It stands on the machine that the test has. */
export async function designIn(
  file: string,
  changed: ReadonlyMap<string, string>,
): Promise<Design> {
  const { code } = await bundle(file, changed);
  const module = { exports: {} as { readonly design: Design } };
  const load = compileFunction(code, ['module', 'exports', 'require'], { filename: file });
  (load as (...args: unknown[]) => void)(module, module.exports, (name: string) => {
    if (name !== '@lastref/kernel') throw new Error(`${file} imports ${name}`);
    return kernel;
  });
  return module.exports.design;
}

async function bundle(
  file: string,
  changed: ReadonlyMap<string, string>,
): Promise<{ readonly code: string; readonly files: readonly string[] }> {
  const result = await build({
    entryPoints: [file],
    absWorkingDir: dirname(file),
    bundle: true,
    format: 'cjs',
    platform: 'node',
    target: 'node20',
    write: false,
    metafile: true,
    logLevel: 'silent',
    external: ['@lastref/*'],
    plugins: [
      {
        name: 'renamed',
        setup(build) {
          build.onLoad({ filter: /\.ts$/ }, ({ path }) => ({
            contents: changed.get(path) ?? textOf(path),
            loader: 'ts',
          }));
        },
      },
    ],
  });
  const files = Object.keys(result.metafile.inputs).map((path) => resolve(dirname(file), path));
  return { code: result.outputFiles[0]!.text, files };
}

/** What of a search must not depend on how anything is called. */
export type Outcome = Pick<
  Exploration,
  'result' | 'reason' | 'states' | 'executions' | 'steps' | 'depth' | 'ends' | 'cut'
> & { readonly property: string | null };

export function outcomeOf(
  design: Design,
  workload: string,
  limits: Partial<Bound>,
  beliefs: Partial<Beliefs> = {},
): Outcome {
  const bound = { ...DEFAULT_BOUND, ...limits };
  const small = miniature(workloadCalled(workload)!, bound.operations);
  const found = explore(
    { design, workload: small, era: eraOf('3.8')!, seed: 1 },
    { bound, beliefs },
  );
  const { result, reason, states, executions, steps, depth, ends, cut, finding } = found;
  const property = finding?.property ?? null;
  return { result, reason, property, states, executions, steps, depth, ends, cut };
}

/** Searches that are small, and in which designs need what they remember. */
export const SEARCHES: readonly (readonly [workload: string, limits: Partial<Bound>])[] = [
  ['sendfile-locked', { drops: 0, retransmissions: 0 }],
  ['loopback-slow-reader', {}],
];
