// Which hooks of the seam a candidate's classes implement, as its compiled code says: for those who ask what a class is, and
// not what it does. Nothing of it runs, and no class can become another one later, as all are frozen when the file was read.
import type ts from 'typescript';
import { compiler } from './compiler.ts';
import { HOOKS, type Hook } from './rules.ts';
import type { Source } from './source.ts';

/** What a lifetime extends when it changes nothing: its hooks are mainline's, and no patch has them. */
const MAINLINE = 'GetPutPage';

interface Class {
  readonly extends: string | null;
  readonly methods: ReadonlySet<string>;
}

/** In the seam's order. `source` is a candidate's. */
export function implementedBy({ code }: Source): Hook[] {
  const source = compiler.createSourceFile(
    'candidate.js',
    code!,
    compiler.ScriptTarget.Latest,
    true,
  );
  const classes = new Map<string, Class>();
  const makers: ts.Node[] = [];
  const design = exportedAs(source) ?? 'design';
  const visit = (node: ts.Node): void => {
    if (compiler.isClassLike(node)) classes.set(nameOf(node), read(node));
    if (isCreate(node, design)) makers.push(node);
    compiler.forEachChild(node, visit);
  };
  visit(source);
  const made = makers.flatMap((maker) => madeIn(maker)).filter((name) => classes.has(name));
  const all = made.length > 0 ? made : [...classes.keys()]; // it is made elsewhere: by any of them
  const found = all.map((name) => methodsOf(classes.get(name)!, classes));
  return HOOKS.filter((hook) => found.some((methods) => methods.has(hook)));
}

/** What the file calls the design that it exports; files that it imports may have one, too. null: nothing is said. */
function exportedAs(source: ts.SourceFile): string | null {
  let found: string | null = null;
  const visit = (node: ts.Node): void => {
    if (compiler.isExportSpecifier(node) && node.name.text === 'design')
      found = (node.propertyName ?? node.name).text;
    // __export(file, { design: () => design2 })
    if (
      compiler.isPropertyAssignment(node) &&
      node.name.getText() === 'design' &&
      compiler.isArrowFunction(node.initializer) &&
      compiler.isIdentifier(node.initializer.body)
    )
      found = node.initializer.body.text;
    compiler.forEachChild(node, visit);
  };
  visit(source);
  return found;
}

/** `create` of the card that is called so. */
function isCreate(node: ts.Node, design: string): boolean {
  const { parent } = node;
  return (
    (compiler.isPropertyAssignment(node) || compiler.isMethodDeclaration(node)) &&
    node.name.getText() === 'create' &&
    compiler.isVariableDeclaration(parent.parent) &&
    parent.parent.name.getText() === design
  );
}

/** The classes of which objects are made in `node`. */
function madeIn(node: ts.Node): string[] {
  const names: string[] = [];
  const visit = (inner: ts.Node): void => {
    if (compiler.isNewExpression(inner)) names.push(inner.expression.getText());
    compiler.forEachChild(inner, visit);
  };
  visit(node);
  return names;
}

/** esbuild makes `var Mine = class extends …` of some. */
function nameOf(node: ts.ClassLikeDeclaration): string {
  const { parent } = node;
  if (compiler.isVariableDeclaration(parent)) return parent.name.getText();
  if (compiler.isBinaryExpression(parent)) return parent.left.getText();
  return node.name?.text ?? '';
}

function read(node: ts.ClassLikeDeclaration): Class {
  const base = node.heritageClauses?.[0]?.types[0]?.expression.getText() ?? null;
  const methods = node.members.filter(compiler.isMethodDeclaration);
  return {
    extends: base === null ? null : base.slice(base.lastIndexOf('.') + 1),
    methods: new Set(methods.map(({ name }) => name.getText())),
  };
}

/** Its own and those that it inherits of the file; none, if it is no lifetime. */
function methodsOf(one: Class, classes: ReadonlyMap<string, Class>): ReadonlySet<string> {
  const all = new Set<string>();
  for (let at: Class | undefined = one; at !== undefined;) {
    for (const method of at.methods) all.add(method);
    if (at.extends === MAINLINE) return all;
    at = at.extends === null ? undefined : classes.get(at.extends);
  }
  return HOOKS.every((hook) => all.has(hook)) ? all : new Set();
}
