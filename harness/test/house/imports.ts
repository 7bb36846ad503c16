// Who imports whom: read from the sources with the compiler's parser, so that boundaries can be tested.
import { readFileSync, readdirSync } from 'node:fs';
import { dirname, join, posix } from 'node:path';
import ts from 'typescript';

/** One import of one file. */
export interface Import {
  /** The importing file, from the root, with slashes. */
  readonly from: string;
  readonly line: number;
  /** As written: './x.ts', '@lastref/kernel', 'node:fs', 'zod'. */
  readonly specifier: string;
  /** Names that are used as values; empty: types alone. */
  readonly values: readonly string[];
  /** Loaded when it is reached, not when the file is. */
  readonly lazy: boolean;
}

/** A package of the workspace. */
export interface Package {
  readonly name: string;
  /** From the root: 'packages/kernel', 'strategies'. */
  readonly dir: string;
  readonly dependencies: readonly string[];
  readonly devDependencies: readonly string[];
}

export interface Sources {
  readonly packages: readonly Package[];
  /** Text by path from the root. */
  readonly files: ReadonlyMap<string, string>;
}

/** Every TypeScript file of every package that is not a test. */
export function readSources(root: string): Sources {
  const dirs = [
    ...readdirSync(join(root, 'packages')).map((d) => `packages/${d}`),
    'strategies',
    'harness',
  ];
  const packages = dirs.map((dir): Package => {
    const json = JSON.parse(readFileSync(join(root, dir, 'package.json'), 'utf8')) as {
      name: string;
      dependencies?: Record<string, string>;
      devDependencies?: Record<string, string>;
    };
    return {
      name: json.name,
      dir,
      dependencies: Object.keys(json.dependencies ?? {}),
      devDependencies: Object.keys(json.devDependencies ?? {}),
    };
  });
  const files = new Map<string, string>();
  const walk = (dir: string): void => {
    for (const entry of readdirSync(join(root, dir), { withFileTypes: true })) {
      const path = `${dir}/${entry.name}`;
      if (/^(node_modules|dist|test|data)$/.test(entry.name)) continue; // links of Node's among them lead in circles
      if (entry.isDirectory()) walk(path);
      else if (/\.tsx?$/.test(path) && !/\.(d|test|config)\.ts$/.test(path))
        files.set(path, readFileSync(join(root, path), 'utf8'));
    }
  };
  for (const { dir } of packages) walk(dir);
  return { packages, files };
}

/** Every import, static and dynamic, of every file. */
export function importsOf({ files }: Sources): Import[] {
  return [...files].flatMap(([from, text]) => parsed(from, text));
}

const known = new Map<string, readonly Import[]>();

/** The imports of one file, parsed once for as long as its text is the same. */
function parsed(from: string, text: string): readonly Import[] {
  const key = `${from}\n${text}`;
  let imports = known.get(key);
  if (imports === undefined) known.set(key, (imports = parse(from, text)));
  return imports;
}

function parse(from: string, text: string): Import[] {
  const found: Import[] = [];
  const source = ts.createSourceFile(from, text, ts.ScriptTarget.ES2023, true);
  const line = (node: ts.Node): number =>
    source.getLineAndCharacterOfPosition(node.getStart()).line + 1;
  const visit = (node: ts.Node): void => {
    if (
      (ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) &&
      node.moduleSpecifier !== undefined &&
      ts.isStringLiteral(node.moduleSpecifier)
    )
      found.push({
        from,
        line: line(node),
        specifier: node.moduleSpecifier.text,
        values: valuesOf(node),
        lazy: false,
      });
    if (
      ts.isCallExpression(node) &&
      node.expression.kind === ts.SyntaxKind.ImportKeyword &&
      ts.isStringLiteralLike(node.arguments[0]!)
    )
      found.push({
        from,
        line: line(node),
        specifier: node.arguments[0].text,
        values: ['*'],
        lazy: true,
      });
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}

function valuesOf(node: ts.ImportDeclaration | ts.ExportDeclaration): string[] {
  if (ts.isExportDeclaration(node)) {
    if (node.isTypeOnly) return [];
    const clause = node.exportClause;
    if (clause === undefined || ts.isNamespaceExport(clause)) return ['*'];
    return clause.elements.filter((e) => !e.isTypeOnly).map((e) => e.name.text);
  }
  const clause = node.importClause;
  if (clause === undefined) return ['*'];
  if (clause.isTypeOnly) return [];
  const names = clause.name === undefined ? [] : ['default'];
  const named = clause.namedBindings;
  if (named === undefined) return names;
  if (ts.isNamespaceImport(named)) return [...names, '*'];
  const values = named.elements.filter((e) => !e.isTypeOnly).map((e) => e.name.text);
  // `import { type X }` loads the file all the same; `import type` does not.
  return [...names, ...(values.length === 0 ? ['its side effects'] : values)];
}

/** The package that a file belongs to. */
export function packageOf(sources: Sources, file: string): Package {
  return sources.packages.find((p) => file.startsWith(`${p.dir}/`))!;
}

/** The file of the repository that a relative import names; null: another package's, or not there. */
export function targetOf(sources: Sources, { from, specifier }: Import): string | null {
  if (!specifier.startsWith('.')) return null;
  const path = posix.normalize(posix.join(dirname(from), specifier));
  return sources.files.has(path) ? path : null;
}
