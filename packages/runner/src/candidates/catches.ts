// The catches of a compiled candidate, each with a first statement that asks whether the candidate may go on (caught.ts).
// What a `finally` leaves behind when it returns itself, nobody would see: it gets a `catch` of its own before it.
import type ts from 'typescript';
import { CAUGHT } from './caught.ts';
import { compiler } from './compiler.ts';
import { Broken } from './rules.ts';

const ERROR = `${CAUGHT}Error`;

const ask = (error: string): string => `${CAUGHT}.entered++; ${CAUGHT}.look(${error});`;

/** Text in place of what stands from `at` on, before `until`. */
interface Edit {
  readonly at: number;
  readonly until: number;
  readonly text: string;
}

/** `script` with its catches asking first. Throws Broken for one that has the name in it. */
export function askingCatches(script: string): string {
  if (script.includes(CAUGHT))
    throw new Broken('its file', `it has a name that begins with ${CAUGHT}`, 'repeatable');
  const source = compiler.createSourceFile('script.js', script, compiler.ScriptTarget.Latest);
  const edits: Edit[] = [];
  const insert = (at: number, text: string): void => void edits.push({ at, until: at, text });
  const visit = (node: ts.Node): void => {
    if (compiler.isTryStatement(node)) {
      const { catchClause, finallyBlock, tryBlock } = node;
      if (catchClause !== undefined) edits.push(...first(source, catchClause));
      if (finallyBlock !== undefined) {
        const asks = ` catch (${ERROR}) { ${ask(ERROR)} throw ${ERROR}; }`;
        if (catchClause !== undefined) insert(node.getStart(source), 'try { ');
        if (catchClause === undefined) insert(tryBlock.end, asks);
        else insert(catchClause.end, ` }${asks}`);
      }
    }
    compiler.forEachChild(node, visit);
  };
  visit(source);
  let asking = script;
  for (const { at, until, text } of edits.sort((a, b) => b.at - a.at))
    asking = asking.slice(0, at) + text + asking.slice(until);
  return asking;
}

/** What makes a catch ask before anything else of it runs, the defaults of what it takes apart too. */
function first(source: ts.SourceFile, { variableDeclaration, block }: ts.CatchClause): Edit[] {
  const at = block.getStart(source);
  const inside = at + 1;
  if (variableDeclaration === undefined)
    return [{ at, until: inside, text: `(${ERROR}) { ${ask(ERROR)}` }];
  const { name } = variableDeclaration;
  if (compiler.isIdentifier(name))
    return [{ at: inside, until: inside, text: ` ${ask(name.text)}` }];
  const start = name.getStart(source);
  return [
    { at: start, until: start, text: `${ERROR}) { ${ask(ERROR)} let ` },
    { at: name.end, until: inside, text: ` = ${ERROR};` },
  ];
}
