// How a command says what it has to say: text for a terminal, a document for a program, a page to keep. Each tells where
// it comes from.
import { WHERE_FROM, trustedText } from '@lastref/report/words';
import { writeTogether } from '@lastref/runner';
import pc from 'picocolors';
import { made, madeKept, toolLine, toolLineKept } from '@lastref/runner/origin';
import { commandLine } from '@lastref/runner/typed';

/** Text on stdout; a last line says what made it. */
export function sayText(text: string): void {
  process.stdout.write(`${text.trimEnd()}\n${pc.dim(toolLine())}\n`);
}

/** A document on stdout, and nothing else. */
export function sayDocument(doc: object): void {
  process.stdout.write(`${JSON.stringify({ ...doc, made: made(commandLine()) })}\n`);
}

/** What a command came to: for a program the document, for a reader its text. */
export function show(
  { json }: { readonly json?: true | undefined },
  doc: object,
  text: () => string,
): void {
  if (json === true) sayDocument(doc);
  else sayText([text().trimEnd(), ...trustedText(doc)].join('\n'));
}

/** Writes NAME.json and NAME.md, which say what made them, to `dir`; null: nothing is kept. */
export function keep(dir: string | null, name: string, doc: object, markdown: () => string): void {
  if (dir === null) return;
  const text = markdown().trimEnd();
  const trusted = trustedText(doc).filter((line) => !text.includes(line));
  writeTogether(dir, [
    {
      name: `${name}.json`,
      data: `${JSON.stringify({ ...doc, made: madeKept(commandLine()) }, null, 1)}\n`,
    },
    { name: `${name}.md`, data: page([text, ...trusted].join('\n\n')) },
  ]);
}

/** A page of Markdown as a file has it: below it what made it, and where that is to be had. */
export function page(markdown: string): string {
  return `${markdown.trimEnd()}\n\n---\n\nMade by ${toolLineKept()}: \`${commandLine()}\`. ${WHERE_FROM}\n`;
}
