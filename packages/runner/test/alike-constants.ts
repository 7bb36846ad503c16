// Two constants that are alike and are told apart by which it is (`this.state === BUSY`).
import type ts from 'typescript';
import { compiler } from '../src/candidates/compiler.ts';

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
        what: `${like} and ${name} are alike`,
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
