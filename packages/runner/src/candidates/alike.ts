// Two constants that are alike and are told apart by which it is (`this.state === BUSY`). A search beside the judge knows
// objects by what is in them, so it takes them for one; of a candidate in a process of its own each has a name (shared.ts).
import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import type ts from 'typescript';
import { compiler } from './compiler.ts';
import { Broken } from './rules.ts';

/** Throws Broken at the first such constant in `files`, of which the code is trusted. */
export function refuseAlike(files: readonly string[]): void {
  const found = alikeIn(
    files
      .filter((name) => !name.endsWith('.json'))
      .map((file) =>
        compiler.createSourceFile(
          file,
          readFileSync(file, 'utf8'),
          compiler.ScriptTarget.Latest,
          true,
        ),
      ),
  );
  if (found === null) return;
  const source = found.node.getSourceFile();
  const { line } = source.getLineAndCharacterOfPosition(found.node.getStart(source));
  throw new Broken('its file', `${basename(source.fileName)}:${line + 1}: ${found.what}`, 'state');
}

/** The first constant that is like one before it, where either is compared as it is; or null. */
export function alikeIn(
  sources: readonly ts.SourceFile[],
): { readonly node: ts.Node; readonly what: string } | null {
  const compared = new Set<string>();
  const compare = (node: ts.Node): void => {
    for (const one of comparedIn(node)) if (compiler.isIdentifier(one)) compared.add(one.text);
    compiler.forEachChild(node, compare);
  };
  sources.forEach(compare);
  const known = new Map<string, string>();
  for (const { node, name, text } of sources.flatMap(constantsOf)) {
    const like = known.get(text);
    if (like === undefined) known.set(text, name);
    else if (compared.has(name) || compared.has(like))
      return {
        node,
        what: `${like} and ${name} are alike, and a search beside the judge takes one for the other; make them texts or numbers, or give each a field that says which it is`,
      };
  }
  return null;
}

const EQUAL: ReadonlySet<ts.SyntaxKind> = new Set([
  compiler.SyntaxKind.EqualsEqualsToken,
  compiler.SyntaxKind.EqualsEqualsEqualsToken,
  compiler.SyntaxKind.ExclamationEqualsToken,
  compiler.SyntaxKind.ExclamationEqualsEqualsToken,
]);

function comparedIn(node: ts.Node): ts.Expression[] {
  if (compiler.isCaseClause(node)) return [node.expression];
  if (!compiler.isBinaryExpression(node) || !EQUAL.has(node.operatorToken.kind)) return [];
  return [node.left, node.right];
}

interface Constant {
  readonly node: ts.Node;
  readonly name: string;
  /** What it is, in one form. */
  readonly text: string;
}

/** Records and lists that stand at the top of `source`. */
function constantsOf(source: ts.SourceFile): Constant[] {
  const printer = compiler.createPrinter({ removeComments: true });
  return source.statements.filter(compiler.isVariableStatement).flatMap((statement) =>
    statement.declarationList.declarations.flatMap((node) => {
      if (!compiler.isIdentifier(node.name) || node.initializer === undefined) return [];
      const [made, frozen] = bare(node.initializer);
      const held =
        compiler.isObjectLiteralExpression(made) || compiler.isArrayLiteralExpression(made);
      if (!held) return [];
      const text = printer.printNode(compiler.EmitHint.Expression, made, source);
      return [{ node, name: node.name.text, text: `${frozen} ${text.replace(/\s+/g, ' ')}` }];
    }),
  );
}

/** Without types around it; and whether it is frozen. */
function bare(node: ts.Expression, frozen = false): [ts.Expression, boolean] {
  if (
    compiler.isAsExpression(node) ||
    compiler.isSatisfiesExpression(node) ||
    compiler.isParenthesizedExpression(node)
  )
    return bare(node.expression, frozen);
  const [given] = compiler.isCallExpression(node) ? node.arguments : [];
  return given === undefined ? [node, frozen] : bare(given, true); // a call at the top freezes
}
