// How a command says what it has to say: text for a terminal, a document for a program, a page to keep. Each tells where
// it comes from.
import { WHERE_FROM } from '@lastref/report/words';
import pc from 'picocolors';
import { commandLine, made, madeKept, toolLine, toolLineKept } from '../origin.ts';

/** Text on stdout; a last line says what made it. */
export function sayText(text: string): void {
  process.stdout.write(`${text.trimEnd()}\n${pc.dim(toolLine())}\n`);
}

/** A document on stdout, and nothing else. */
export function sayDocument(doc: object): void {
  process.stdout.write(`${JSON.stringify({ ...doc, made: made() })}\n`);
}

/** A document as a file has it. */
export function kept(doc: object): string {
  return `${JSON.stringify({ ...doc, made: madeKept() }, null, 1)}\n`;
}

/** A page of Markdown as a file has it: below it what made it, and where that is to be had. */
export function page(markdown: string): string {
  return `${markdown.trimEnd()}\n\n---\n\nMade by ${toolLineKept()}: \`${commandLine()}\`. ${WHERE_FROM}\n`;
}
