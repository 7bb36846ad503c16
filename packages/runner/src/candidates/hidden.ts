// What a candidate's source may not have, as a search could not see the state in it and would prove a wrong design
// right: refused before anything runs, by name and line. Syntax alone is looked at; what only shows when it runs is
// refused by the walk over the machine (packages/search, shapes.ts).
import { basename } from 'node:path';
import type ts from 'typescript';
import { compiler } from './compiler.ts';
import { namesOf } from './module-names.ts';
import { Broken } from './rules.ts';
import { isDeclared, isUse, ofTopLevel, topNamesOf } from './top-level.ts';

/** Globals whose objects have state that no walk sees. */
const GLOBALS: ReadonlySet<string> = new Set([
  'WeakMap',
  'WeakSet',
  'WeakRef',
  'FinalizationRegistry',
  'Proxy',
  'Reflect',
  'Promise',
  'Symbol',
  'eval',
  'Function',
  'globalThis',
  'module',
  'exports',
  'require',
  'arguments', // at the top of a file those of the function that the whole script is
]);

/**
 * Names and statistics of the machine's objects: a search takes states that differ in these alone for one. By whatever name they
 * are read, they are closed where it runs (tape/closed.ts), as are those whose names are said of other things, too: a socket
 * has a `slot` that is state.
 */
const NO_STATE: ReadonlySet<string> = new Set(['gen', 'address', 'writes', 'cpu', 'when']);

/** Methods that change what they are called on. */
const CHANGING: ReadonlySet<string> = new Set(
  'push pop shift unshift splice sort reverse fill copyWithin set add delete clear'.split(' '),
);

/** Throws Broken at the first place in `files`, texts by name, where state could hide. */
export function refuseHidden(files: ReadonlyMap<string, string>): void {
  for (const [file, text] of files) {
    if (file.endsWith('.json')) continue;
    const found = hiddenIn(
      compiler.createSourceFile(file, text, compiler.ScriptTarget.Latest, true),
    );
    if (found === null) continue;
    throw new Broken('its file', `${basename(file)}:${found.line}: ${found.what}`, 'state');
  }
}

interface Hidden {
  readonly line: number;
  /** What it is, and what would be right. */
  readonly what: string;
}

/** The first place in `source` where state could hide, or null. */
export function hiddenIn(source: ts.SourceFile): Hidden | null {
  const names = topNamesOf(source);
  let found: Hidden | null = null;
  const own = membersOf(source);
  const visit = (node: ts.Node): void => {
    if (found !== null) return;
    let what = hiding(node, names) ?? ofMachine(node, own);
    if (what === null) {
      compiler.forEachChild(node, visit);
      if (found !== null || !isStatement(node)) return;
      what = ofTopLevel(node, names);
      if (what === null) return;
    }
    const { line } = source.getLineAndCharacterOfPosition(node.getStart(source));
    found = { line: line + 1, what };
  };
  visit(source);
  return found;
}

/** The names of all fields that the file declares itself. */
function membersOf(source: ts.SourceFile): Set<string> {
  const own = new Set<string>();
  const visit = (node: ts.Node): void => {
    const declares =
      compiler.isPropertyDeclaration(node) ||
      compiler.isPropertySignature(node) ||
      compiler.isPropertyAssignment(node) ||
      compiler.isShorthandPropertyAssignment(node) ||
      compiler.isParameter(node);
    if (declares) own.add(node.name.getText());
    if (compiler.isBinaryExpression(node) && isOwnField(node.left))
      own.add(node.left.name.getText());
    compiler.forEachChild(node, visit);
  };
  visit(source);
  return own;
}

/** `this.name`, which in JavaScript is all the declaration that a field has. */
function isOwnField(node: ts.Node): node is ts.PropertyAccessExpression {
  return (
    compiler.isPropertyAccessExpression(node) &&
    node.expression.kind === compiler.SyntaxKind.ThisKeyword
  );
}

/** A name or a statistic of an object of the machine, read or written. */
function ofMachine(node: ts.Node, own: ReadonlySet<string>): string | null {
  const name = compiler.isPropertyAccessExpression(node)
    ? node.name.text
    : compiler.isElementAccessExpression(node) &&
        compiler.isStringLiteralLike(node.argumentExpression)
      ? node.argumentExpression.text
      : compiler.isBindingElement(node)
        ? (node.propertyName ?? node.name).getText()
        : '';
  if (!NO_STATE.has(name) || own.has(name)) return null;
  return `${name} of an object of the machine is no state: a search takes machines that differ in it for one; use sideField(), a Life, or ${FIELD}`;
}

const FIELD = 'a plain field of the class';

/** Does it stand at the top level? */
function isStatement(node: ts.Node): boolean {
  return !compiler.isSourceFile(node) && compiler.isSourceFile(node.parent);
}

function hiding(node: ts.Node, names: ReadonlySet<string>): string | null {
  if (compiler.isPrivateIdentifier(node))
    return `${node.text} is hidden; make it ${FIELD} (private)`;
  if (compiler.isClassStaticBlockDeclaration(node)) return `a static block; use ${FIELD}`;
  if (compiler.isPropertyDeclaration(node)) return ofField(node);
  if (compiler.isAccessor(node)) return `an accessor (${node.name.getText()}); make it a method`;
  if (compiler.isClassLike(node) && node.parent.kind !== compiler.SyntaxKind.SourceFile)
    return 'a class inside of something, whose methods may share variables; put it at the top level';
  if (compiler.isFunctionLike(node) && 'asteriskToken' in node && node.asteriskToken !== undefined)
    return 'a generator, which keeps its place; keep that in plain fields';
  if (node.kind === compiler.SyntaxKind.AsyncKeyword || compiler.isAwaitExpression(node))
    return 'a function that waits, which keeps its place; keep that in plain fields';
  if (node.kind === compiler.SyntaxKind.ImportKeyword && compiler.isCallExpression(node.parent))
    return 'import(), whose promise keeps what is to come; import at the top';
  if (compiler.isRegularExpressionLiteral(node) && /\/[a-z]*[gy][a-z]*$/.test(node.text))
    return `${node.text} has a lastIndex; leave out the flags g and y`;
  if (compiler.isTaggedTemplateExpression(node))
    return `${node.tag.getText()}\`…\`, whose list is another one at each place and alike at all; call it with a text`;
  if (compiler.isDecorator(node)) return `a decorator; use ${FIELD}`;
  if (compiler.isFunctionDeclaration(node) && !compiler.isSourceFile(node.parent))
    return `a function in a function (${node.name?.text ?? ''}), which shares its variables; make it a method of a class`;
  if (
    compiler.isMethodDeclaration(node) &&
    compiler.isObjectLiteralExpression(node.parent) &&
    !isCard(node)
  )
    return `a method of an object that is no class's (${node.name.getText()}); make it a method of a class`;
  if (isKeptFunction(node)) return 'a function kept as a value; make it a method of a class';
  if (compiler.isIdentifier(node) && GLOBALS.has(node.text) && isUse(node))
    return `${node.text} hides state; keep it in plain fields, arrays, Map and Set`;
  for (const changed of changedBy(node)) {
    const root = rootOf(changed);
    if (root !== null && names.has(root.text) && !isShadowed(root))
      return `${root.text} is changed, which all machines share; use ${FIELD}`;
  }
  return null;
}

function ofField(node: ts.PropertyDeclaration): string | null {
  const has = (kind: ts.SyntaxKind): boolean =>
    node.modifiers?.some((modifier) => modifier.kind === kind) === true;
  const name = node.name.getText();
  if (has(compiler.SyntaxKind.StaticKeyword))
    return `static ${name} is shared by all machines; make it ${FIELD}, or a const of the module`;
  if (has(compiler.SyntaxKind.AccessorKeyword))
    return `accessor ${name} hides its value; make it ${FIELD}`;
  return null;
}

/** `create` of a card, as a method. */
function isCard({ name }: ts.MethodDeclaration): boolean {
  return name.getText() === 'create';
}

/** A function that is more than an argument, a helper with a name, or a card's `create`. */
function isKeptFunction(node: ts.Node): boolean {
  if (!compiler.isArrowFunction(node) && !compiler.isFunctionExpression(node)) return false;
  const { parent } = node;
  if (compiler.isCallExpression(parent)) {
    const callee = parent.expression;
    return compiler.isPropertyAccessExpression(callee) && CHANGING.has(callee.name.text)
      ? callee.name.text !== 'sort'
      : parent.expression === node;
  }
  if (compiler.isVariableDeclaration(parent)) return false;
  return !(compiler.isPropertyAssignment(parent) && parent.name.getText() === 'create');
}

/** What `node` itself assigns to, deletes from, or calls a changing method on. */
function changedBy(node: ts.Node): ts.Expression[] {
  if (compiler.isBinaryExpression(node)) {
    const { kind } = node.operatorToken;
    const assigns =
      kind >= compiler.SyntaxKind.FirstAssignment && kind <= compiler.SyntaxKind.LastAssignment;
    return assigns ? targetsOf(node.left) : [];
  }
  if (compiler.isForOfStatement(node) || compiler.isForInStatement(node))
    return compiler.isVariableDeclarationList(node.initializer) ? [] : targetsOf(node.initializer);
  if (compiler.isPrefixUnaryExpression(node) || compiler.isPostfixUnaryExpression(node)) {
    const { operator } = node;
    const counts =
      operator === compiler.SyntaxKind.PlusPlusToken ||
      operator === compiler.SyntaxKind.MinusMinusToken;
    return counts ? [node.operand] : [];
  }
  if (compiler.isDeleteExpression(node)) return [node.expression];
  if (!compiler.isCallExpression(node) || !compiler.isPropertyAccessExpression(node.expression))
    return [];
  const { name, expression } = node.expression;
  if (expression.getText() === 'Object' && /^(assign|define|setP)/.test(name.text))
    return node.arguments.slice(0, 1);
  return CHANGING.has(name.text) ? [expression] : [];
}

/** What is assigned to by `left`, which may take a list or a record apart. */
function targetsOf(left: ts.Expression): ts.Expression[] {
  if (
    compiler.isParenthesizedExpression(left) ||
    compiler.isAsExpression(left) ||
    compiler.isSpreadElement(left)
  )
    return targetsOf(left.expression);
  if (compiler.isBinaryExpression(left)) return targetsOf(left.left); // with a default
  if (compiler.isArrayLiteralExpression(left)) return left.elements.flatMap(targetsOf);
  if (!compiler.isObjectLiteralExpression(left)) return [left];
  return left.properties.flatMap((one) => {
    if (compiler.isPropertyAssignment(one)) return targetsOf(one.initializer);
    if (compiler.isSpreadAssignment(one)) return targetsOf(one.expression);
    return compiler.isShorthandPropertyAssignment(one) ? [one.name] : [];
  });
}

function rootOf(node: ts.Expression): ts.Identifier | null {
  if (compiler.isIdentifier(node)) return node;
  if (
    compiler.isPropertyAccessExpression(node) ||
    compiler.isElementAccessExpression(node) ||
    compiler.isNonNullExpression(node) ||
    compiler.isParenthesizedExpression(node) ||
    compiler.isAsExpression(node) ||
    compiler.isSatisfiesExpression(node) ||
    compiler.isTypeAssertionExpression(node)
  )
    return rootOf(node.expression);
  return null;
}

/** Does a parameter or a variable of a function around it have the same name? */
function isShadowed({ text, parent }: ts.Identifier): boolean {
  const declares = ({ name }: { readonly name: ts.BindingName }): boolean =>
    namesOf(name).includes(text);
  for (let at: ts.Node = parent; !compiler.isSourceFile(at); at = at.parent) {
    if (compiler.isFunctionLike(at) && at.parameters.some(declares)) return true;
    if (!compiler.isBlock(at)) continue;
    for (const statement of at.statements)
      if (
        compiler.isVariableStatement(statement) &&
        !isDeclared(statement) &&
        statement.declarationList.declarations.some(declares)
      )
        return true;
  }
  return false;
}
