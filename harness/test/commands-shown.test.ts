// Every command line that a page or a help shows is one that is taken: a flag that was renamed, an argument that is missing.
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { stripVTControlCharacters } from 'node:util';
import { KERNEL_IDS } from '@lastref/lab';
import { allDesigns, literalOf } from '@lastref/runner';
import { expect, test } from 'vitest';
import { ROOMS } from '../src/house.ts';
import { refused, unknownFlag, wordsOf } from './house/commands.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

const pages = [
  'README.md',
  'SECURITY.md',
  'CONTRIBUTING.md',
  ...readdirSync(join(ROOT, 'docs'), { recursive: true }).map((path) => `docs/${String(path)}`),
  ...readdirSync(join(ROOT, 'packages')).map((name) => `packages/${name}/README.md`),
].filter(
  (path) => path.endsWith('.md') && !path.startsWith('docs/api/') && existsSync(join(ROOT, path)),
);

interface Shown {
  readonly line: string;
  /** It is there to be typed; else it is talked about. */
  readonly whole: boolean;
}

/** Lines of blocks of code that begin with the command, and what stands between backquotes in a paragraph. */
function shownIn(page: string): Shown[] {
  const out: Shown[] = [];
  let block = false;
  for (const line of page.split('\n')) {
    if (line.startsWith('```')) block = !block;
    const typed = /^(?:\$ |ssh .* \| )?(?:\.\/)?lastref ([a-z].*)/.exec(line.trim())?.[1];
    if (block && typed !== undefined) out.push({ line: typed, whole: true });
    if (block) continue;
    for (const [, text] of line.matchAll(/`(?:\.\/)?lastref ([a-z][^`]*)`/g))
      out.push({ line: text!, whole: false });
  }
  return out;
}

test.each(pages)('the commands of %s', async (page) => {
  for (const { line, whole } of shownIn(readFileSync(join(ROOT, page), 'utf8')))
    expect(await (whole ? refused : unknownFlag)(wordsOf(line)), line).toBeNull();
});

test.each(pages)('%s asks for no tool that a clone does not bring', (page) => {
  expect(readFileSync(join(ROOT, page), 'utf8')).not.toMatch(/(?:`|^|\$ )(?:pnpm|yarn) /m);
});

const commands = Object.keys(ROOMS).filter((name) => ROOMS[name]!.command !== undefined);
const helpOf = async (name: string): Promise<string> => {
  const { command } = await ROOMS[name]!.command!();
  let help = '';
  command.configureOutput({ writeOut: (text) => void (help += text), getOutHelpWidth: () => 80 });
  command.outputHelp();
  return stripVTControlCharacters(help);
};

test.each(commands)('the examples of lastref %s --help', async (name) => {
  const lines = [...(await helpOf(name)).matchAll(/^ {2}(?:.* \| )?lastref (.*)$/gm)];
  expect(lines.length).toBeGreaterThan(0);
  for (const [, line] of lines) expect(await refused(wordsOf(line!)), line).toBeNull();
});

test('a help names what there is', async () => {
  expect((await helpOf('lab')).replace(/\s+/g, ' ')).toContain(`${KERNEL_IDS.join(', ')} or all`);
  const first = (await allDesigns()).map((d) => d.design).filter((d) => d.rank !== undefined);
  expect(first.length, 'what lastref bench --help says').toBe(10);
  expect(first.some((d) => literalOf(d) !== d.id)).toBe(true);
});
