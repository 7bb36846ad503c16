// What runs code without a call while a file is read: an object that is made a number, a text or the name of a field calls its
// toString or valueOf, and what these make has variables of its own, which no freezing reaches.
import type ts from 'typescript';
import { compiler } from './compiler.ts';

/** An operand at the top level, outside of functions, whose own code a conversion might run, as it is written; or null. */
export function ranBy(node: ts.Node, names: ReadonlySet<string>): string | null {
  const plain = new Plain(node.getSourceFile(), names);
  const visit = (at: ts.Node): string | null => {
    if (isOfFunction(at) || isType(at)) return null;
    if (compiler.isPropertyDeclaration(at)) return visit(at.name);
    const odd = convertedBy(at).find((operand) => !plain.is(operand));
    if (odd !== undefined) return odd.getText();
    return compiler.forEachChild(at, (child) => visit(child) ?? undefined) ?? null;
  };
  return visit(node);
}

/** What is inside runs when it is called; the name of a method is outside. */
function isOfFunction(node: ts.Node): boolean {
  return compiler.isBlock(node) || compiler.isArrowFunction(node) || compiler.isParameter(node);
}

function isType(node: ts.Node): boolean {
  return compiler.isTypeNode(node) && !compiler.isExpressionWithTypeArguments(node);
}

/** Operators that take what they are given as it is. */
const AS_IT_IS: ReadonlySet<ts.SyntaxKind> = new Set([
  compiler.SyntaxKind.CommaToken,
  compiler.SyntaxKind.EqualsToken,
  compiler.SyntaxKind.EqualsEqualsEqualsToken,
  compiler.SyntaxKind.ExclamationEqualsEqualsToken,
  compiler.SyntaxKind.AmpersandAmpersandToken,
  compiler.SyntaxKind.BarBarToken,
  compiler.SyntaxKind.QuestionQuestionToken,
]);

/** What `node` itself makes a number, a text or a name. */
function convertedBy(node: ts.Node): ts.Expression[] {
  if (compiler.isTemplateExpression(node)) return node.templateSpans.map((s) => s.expression);
  if (compiler.isComputedPropertyName(node)) return [node.expression];
  if (compiler.isElementAccessExpression(node)) return [node.argumentExpression];
  if (compiler.isPrefixUnaryExpression(node))
    return node.operator === compiler.SyntaxKind.ExclamationToken ? [] : [node.operand];
  if (!compiler.isBinaryExpression(node) || AS_IT_IS.has(node.operatorToken.kind)) return [];
  return [node.left, node.right];
}

/** What has no code of the candidate in it: values that are written down, and what others bring. */
class Plain {
  readonly #source: ts.SourceFile;
  readonly #names: ReadonlySet<string>;
  /** Constants that are being looked at: one that is made of itself is nothing. */
  readonly #inside = new Set<string>();

  constructor(source: ts.SourceFile, names: ReadonlySet<string>) {
    this.#source = source;
    this.#names = names;
  }

  is(node: ts.Node): boolean {
    if (compiler.isIdentifier(node)) return !this.#names.has(node.text) || this.#named(node.text);
    if (compiler.isPropertyAccessExpression(node)) return this.is(node.expression);
    if (compiler.isPropertyAssignment(node)) return this.is(node.initializer);
    if (compiler.isShorthandPropertyAssignment(node)) return this.is(node.name);
    if (isFunction(node)) return false;
    return compiler.forEachChild(node, (child) => !isType(child) && !this.is(child)) !== true;
  }

  /** A constant or an enum of the file that is plain itself, or something of the kernel's. */
  #named(name: string): boolean {
    if (this.#inside.has(name)) return false;
    this.#inside.add(name);
    const plain = this.#source.statements.some((one) => this.#declares(one, name));
    this.#inside.delete(name);
    return plain;
  }

  #declares(statement: ts.Statement, name: string): boolean {
    if (compiler.isEnumDeclaration(statement)) return statement.name.text === name;
    if (compiler.isImportDeclaration(statement)) {
      const { moduleSpecifier: from, importClause } = statement;
      const bindings = importClause?.namedBindings;
      if (!compiler.isStringLiteral(from) || from.text !== '@lastref/kernel') return false;
      return (
        bindings !== undefined &&
        compiler.isNamedImports(bindings) &&
        bindings.elements.some((one) => one.name.text === name)
      );
    }
    if (!compiler.isVariableStatement(statement)) return false;
    return statement.declarationList.declarations.some(
      (one) =>
        compiler.isIdentifier(one.name) &&
        one.name.text === name &&
        one.initializer !== undefined &&
        this.is(one.initializer),
    );
  }
}

function isFunction(node: ts.Node): boolean {
  return compiler.isFunctionLike(node) || compiler.isClassLike(node);
}
