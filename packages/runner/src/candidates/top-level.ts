// The top level of a candidate's file: all machines share what stands there, so it is constants, functions and classes as
// they are written. What a call makes may have variables of its own, which no freezing reaches.
import type ts from 'typescript';
import { compiler } from './compiler.ts';
import { namesOf } from './module-names.ts';
import { ranBy } from './conversions.ts';

const FIELD = 'a plain field of the class';

/** All that the module declares or imports at its top. */
export function topNamesOf(source: ts.SourceFile): Set<string> {
  const names: string[] = [];
  for (const statement of source.statements.filter((one) => !isDeclared(one))) {
    if (compiler.isVariableStatement(statement))
      for (const { name } of statement.declarationList.declarations) names.push(...namesOf(name));
    if (
      compiler.isClassDeclaration(statement) ||
      compiler.isFunctionDeclaration(statement) ||
      compiler.isEnumDeclaration(statement)
    )
      if (statement.name !== undefined) names.push(statement.name.text);
    if (!compiler.isImportDeclaration(statement)) continue;
    const { name, namedBindings: bindings } = statement.importClause ?? {};
    if (name !== undefined) names.push(name.text);
    if (bindings !== undefined && compiler.isNamedImports(bindings))
      for (const one of bindings.elements) names.push(one.name.text);
    else if (bindings !== undefined) names.push(bindings.name.text);
  }
  return new Set(names);
}

/** What is wrong with a statement of the top level, or null. */
export function ofTopLevel(statement: ts.Node, names: ReadonlySet<string>): string | null {
  if (isDeclared(statement)) return null;
  if (names.has('Object')) return 'a name Object of its own, which is not the one that freezes';
  const what = ofStatement(statement, names);
  if (what !== null) return what;
  const runs = ranBy(statement, names);
  return runs === null
    ? null
    : `${runs} is made a number or a text while the file is read; ${MADE}`;
}

function ofStatement(statement: ts.Node, names: ReadonlySet<string>): string | null {
  if (compiler.isVariableStatement(statement)) return ofModule(statement);
  if (compiler.isClassDeclaration(statement)) return ofClass(statement);
  if (compiler.isEnumDeclaration(statement) || compiler.isExportAssignment(statement))
    return makesState(statement) ? `a call at the top level; ${MADE}` : null;
  if (compiler.isExpressionStatement(statement)) {
    const used = usedIn(statement, names);
    return used === null ? null : `${used} is used while the file is read; ${MADE}`;
  }
  return KINDS.has(statement.kind)
    ? null
    : 'a statement at the top level, which may have variables of its own; keep to constants, functions and classes';
}

const MADE = 'constants are written down, and all else is made in create';

const KINDS: ReadonlySet<ts.SyntaxKind> = new Set([
  compiler.SyntaxKind.ImportDeclaration,
  compiler.SyntaxKind.ExportDeclaration,
  compiler.SyntaxKind.InterfaceDeclaration,
  compiler.SyntaxKind.TypeAliasDeclaration,
  compiler.SyntaxKind.FunctionDeclaration,
  compiler.SyntaxKind.EmptyStatement,
  compiler.SyntaxKind.EndOfFileToken,
]);

/** Is it there for its type alone? */
export function isDeclared(statement: ts.Node): boolean {
  return (
    compiler.canHaveModifiers(statement) &&
    statement.modifiers?.some(({ kind }) => kind === compiler.SyntaxKind.DeclareKeyword) === true
  );
}

function ofModule({ declarationList }: ts.VariableStatement): string | null {
  for (const declaration of declarationList.declarations) {
    const name = declaration.name.getText();
    if ((declarationList.flags & compiler.NodeFlags.Const) === 0)
      return `the module's ${name} can change and is shared by all machines; use ${FIELD}, or const`;
    if (makesState(declaration))
      return `the module's ${name} can change and is shared by all machines; use ${FIELD}`;
  }
  return null;
}

function ofClass({ heritageClauses, members }: ts.ClassDeclaration): string | null {
  for (const { types } of heritageClauses ?? [])
    if (types.some(makesState)) return `a class that extends what a call makes; ${MADE}`;
  const computed = members.find(({ name }) => name !== undefined && makesState(name));
  return computed === undefined ? null : `a name that a call makes; ${MADE}`;
}

/** Is something made here that could be changed later: by `new`, a call, or in a default? */
function makesState(node: ts.Node): boolean {
  const isType = compiler.isTypeNode(node) && !compiler.isExpressionWithTypeArguments(node);
  if (compiler.isFunctionLike(node) || isType) return false;
  if (compiler.isCallExpression(node))
    return node.expression.getText() !== 'Object.freeze' || node.arguments.some(makesState);
  if (compiler.isNewExpression(node) || compiler.isTaggedTemplateExpression(node) || isJsx(node))
    return true;
  return compiler.forEachChild(node, (child) => makesState(child) || undefined) === true;
}

function isJsx(node: ts.Node): boolean {
  return (
    compiler.isJsxElement(node) ||
    compiler.isJsxSelfClosingElement(node) ||
    compiler.isJsxFragment(node)
  );
}

/** A name of the module that is used in `node`. */
function usedIn(node: ts.Node, names: ReadonlySet<string>): string | null {
  if (compiler.isIdentifier(node)) return names.has(node.text) && isUse(node) ? node.text : null;
  return compiler.forEachChild(node, (child) => usedIn(child, names) ?? undefined) ?? null;
}

/** Is it more than the name of a field? */
export function isUse(node: ts.Identifier): boolean {
  const { parent } = node;
  if (compiler.isPropertyAccessExpression(parent)) return parent.expression === node;
  return !compiler.isPropertyAssignment(parent) || parent.initializer === node;
}
