// What a candidate's source names that is not there: a hook with a slip in its name is a method that nobody calls, and
// a field in a struct of no kernel is left out of every layout. Both would give a verdict on another design than was
// meant, so they are refused before anything runs. Types are not checked: names are.
import * as kernel from '@lastref/kernel';
import { LAYOUT_ERAS } from '@lastref/layout';
import { basename } from 'node:path';
import type ts from 'typescript';
import { compiler } from './compiler.ts';
import { distance, near } from '../registry.ts';
import { Broken, EVENT_NAMES, HOOKS, type Rule } from './rules.ts';

/** As far as a slip reaches: a letter doubled, left out or changed, two that changed places. */
const SLIP = 2;
const STRUCTS = [...new Set(LAYOUT_ERAS.flatMap((era) => Object.keys(era.structs)))];

/** Throws Broken at the first name in `files`, a candidate's own (texts by name), that is not there. */
export function refuseMisspelt(files: ReadonlyMap<string, string>): void {
  const sources = [...files].map(([file, text]) =>
    compiler.createSourceFile(file, text, compiler.ScriptTarget.Latest, true),
  );
  const found = misspeltIn(sources);
  if (found === null) return;
  const { line } = found.node.getSourceFile().getLineAndCharacterOfPosition(found.node.getStart());
  const file = basename(found.node.getSourceFile().fileName);
  throw new Broken('its file', `${file}:${line + 1}: ${found.what}`, found.rule);
}

interface Misspelt {
  readonly node: ts.Node;
  /** What it is, and what was meant. */
  readonly what: string;
  readonly rule: Rule;
}

/** The first name that is not there, or null. */
export function misspeltIn(sources: readonly ts.SourceFile[]): Misspelt | null {
  const names = new Names(sources);
  let found: Misspelt | null = null;
  const visit = (node: ts.Node): void => {
    found ??= compiler.isMethodDeclaration(node) ? ofMethod(node, names) : ofStruct(node);
    if (found === null) compiler.forEachChild(node, visit);
  };
  sources.forEach(visit);
  return found;
}

/** Of all files of a candidate: what its classes declare, and what is called. */
class Names {
  private readonly declared = new Map<string, Set<string>>();
  private readonly bases = new Map<string, string>();
  private readonly used = new Set<string>();

  constructor(sources: readonly ts.SourceFile[]) {
    const visit = (node: ts.Node): void => {
      if (compiler.isClassLike(node) && node.name !== undefined) this.add(node.name.text, node);
      if (compiler.isPropertyAccessExpression(node)) this.used.add(node.name.text);
      compiler.forEachChild(node, visit);
    };
    sources.forEach(visit);
  }

  private add(name: string, node: ts.ClassLikeDeclaration): void {
    const members = node.members.map((m) => m.name?.getText() ?? '');
    this.declared.set(name, new Set(members));
    const base = baseOf(node);
    if (base !== null) this.bases.set(name, base);
  }

  /** Does some file of the candidate say `.name`? */
  uses(name: string): boolean {
    return this.used.has(name);
  }

  /** Is `ancestor` above `node`? */
  descends(node: ts.ClassLikeDeclaration, ancestor: string): boolean {
    const seen = new Set<string>();
    for (let base = baseOf(node); base !== null; base = this.bases.get(base) ?? null) {
      if (base === ancestor) return true;
      if (seen.has(base)) return false;
      seen.add(base);
    }
    return false;
  }

  /** Has a class above `node` a member of that name? Nobody can tell of a class that is made by a call. */
  inherits(node: ts.ClassLikeDeclaration, name: string): boolean {
    const seen = new Set<string>();
    for (let base = baseOf(node); base !== null; base = this.bases.get(base) ?? null) {
      if (seen.has(base)) return false;
      seen.add(base);
      if (this.declared.get(base)?.has(name) === true) return true;
      const { prototype } =
        (kernel as unknown as Record<string, { prototype?: object }>)[base] ?? {};
      if (prototype !== undefined && name in prototype) return true;
    }
    return false;
  }
}

/** What a class of that base is asked: the events of a program, else the hooks of a design. */
function askedOf(
  node: ts.ClassLikeDeclaration,
  names: Names,
): { readonly known: readonly string[]; readonly what: string } {
  return names.descends(node, 'Program')
    ? { known: EVENT_NAMES, what: 'event' }
    : { known: HOOKS, what: 'hook' };
}

/** The name of what a class extends, or null. */
function baseOf(node: ts.ClassLikeDeclaration): string | null {
  const clause = node.heritageClauses?.find((c) => c.token === compiler.SyntaxKind.ExtendsKeyword);
  const base = clause?.types[0]?.expression;
  return base !== undefined && compiler.isIdentifier(base) ? base.text : null;
}

function ofMethod(node: ts.MethodDeclaration, names: Names): Misspelt | null {
  if (!compiler.isClassLike(node.parent)) return null;
  const name = node.name.getText();
  const { known, what } = askedOf(node.parent, names);
  if (known.includes(name) || names.inherits(node.parent, name)) return null;
  const overrides =
    node.modifiers?.some((m) => m.kind === compiler.SyntaxKind.OverrideKeyword) === true;
  if (overrides)
    return {
      node,
      what: `override ${name} overrides nothing; ${near(name, known)}`,
      rule: 'hooks',
    };
  const meant = known.find((hook) => isSlip(name, hook));
  if (meant === undefined || names.uses(name)) return null;
  return {
    node,
    what: `${name} is no ${what}, and nothing calls it; did you mean ${meant}?`,
    rule: 'hooks',
  };
}

/** Also `frag_unref` for fragUnref, as the kernel would spell it. */
function isSlip(name: string, hook: string): boolean {
  const plain = (text: string): string => text.replace(/_/g, '').toLowerCase();
  const letters = distance(plain(name), plain(hook));
  return letters <= Math.min(SLIP, hook.length >> 2);
}

/** A field of `adds` whose struct is written out; one that is computed is looked at by nobody. */
function ofStruct(node: ts.Node): Misspelt | null {
  if (!compiler.isPropertyAssignment(node) || node.name.getText() !== 'struct') return null;
  const { initializer } = node;
  if (!compiler.isStringLiteralLike(initializer) || !isAdded(node)) return null;
  const struct = initializer.text;
  if (STRUCTS.includes(struct)) return null;
  return {
    node,
    what: `adds a field to '${struct}', which is no struct of any kernel here; ${near(struct, STRUCTS)}`,
    rule: 'card',
  };
}

/** Within a property `adds`? */
function isAdded(node: ts.Node): boolean {
  for (let at = node.parent; !compiler.isSourceFile(at); at = at.parent)
    if (compiler.isPropertyAssignment(at)) return at.name.getText() === 'adds';
  return false;
}
