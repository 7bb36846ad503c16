// `lastref explore`: the reader is the picker. Choices come from a text here, as from a keyboard.
import { spawnSync } from 'node:child_process';
import {
  exploreSchema,
  replaySchema,
  type CheckDocument,
  type CompareDocument,
} from '@lastref/report';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { said } from './house/reference.ts';
import { fed, lastref, launcher, type Ran } from './run-cli.ts';

let dir: string;
beforeAll(() => void (dir = mkdtempSync(join(tmpdir(), 'lastref-explore-'))));
afterAll(() => rmSync(dir, { recursive: true }));

const script = (...lines: string[]): string => lines.map((line) => `${line}\n`).join('');

const explored = (input: string, ...args: string[]) => {
  const ran = said(null, fed, input, 'explore', ...args, '--json');
  expect(ran.code, ran.stderr).toBe(0);
  return { doc: exploreSchema.parse(JSON.parse(ran.stdout)), said: ran.stderr };
};

/** The number of the choice with these words in the list that was printed last. */
function choiceOf(said: string, words: string): string {
  const list = said.slice(said.lastIndexOf('What may happen next:'));
  const line = list.split('\n').find((l) => l.includes(words));
  expect(line, `${words} in ${list}`).toBeDefined();
  return /^ *(\d+)/.exec(line!)![1]!;
}

/** Chooses the steps with these words, one after the other. */
function choosing(design: string, workload: string, ...words: string[]): string {
  let input = '';
  for (const word of words) {
    const { said } = explored(input, design, workload);
    input += script(choiceOf(said, word));
  }
  return input;
}

test('a reader leads the ACK-time release to its harm, and the token says so to anybody', () => {
  const input = choosing(
    'tcp-ack-callback',
    'loopback-slow-reader',
    'local submit submits',
    'netrx lo',
    'netrx lo',
  );
  const { doc } = explored(input, 'tcp-ack-callback', 'loopback-slow-reader');
  expect(doc.findings.map((f) => [f.property, f.where])).toEqual([['early', 'receive queue']]);
  expect(doc.readers[0]!.text).toContain('receive queue');
  const replayed = said(null, lastref, 'replay', doc.token, '--json');
  const story = replaySchema.parse(JSON.parse(replayed.stdout));
  expect(story.same).toBe(true);
  expect(story.findings.map((f) => f.text)).toEqual(doc.findings.map((f) => f.text));
});

test('what was undone can be come back to, and a new choice replaces it', () => {
  const at = (...lines: string[]) => explored(script(...lines), 'rpc-reply', 'nfs-odirect').doc;
  const two = at('1', '1');
  expect(two.picks).toBe(2);
  expect(at('1', '1', 'u').token).toBe(at('1').token);
  expect(at('1', '1', 'u', 'j 2').token).toBe(two.token);
  expect(at('1', '1', 'j 0', '1', '1').token).toBe(two.token);
  const other = at('1', '1', 'u', '2');
  expect(other.picks).toBe(2);
  expect(other.token).not.toBe(two.token);
});

test('the search finishes from where the reader stands, and only from there', () => {
  const found = explored(script('f'), 'rpc-reply', 'nfs-odirect').doc;
  expect(found.search).toMatchObject({ result: 'refuted', property: 'early' });
  expect(found.findings[0]).toMatchObject({ property: 'early' });

  // The steps before stay the reader's: the wire loses the first packet, and then the search goes on.
  const lost = choosing('rpc-reply', 'nfs-odirect', 'dma nic a reads', 'link a>b drops');
  const chosen = explored(lost, 'rpc-reply', 'nfs-odirect').doc;
  const after = explored(lost + script('f'), 'rpc-reply', 'nfs-odirect').doc;
  expect(after.search!.result).toBe('refuted');
  expect(after.steps.slice(0, chosen.steps.length)).toEqual(chosen.steps);
  expect(after.steps.length).toBeGreaterThan(chosen.steps.length);

  // Of a design that is right the search says what it has seen.
  const right = explored(script('f'), 'copy-always', 'nfs-odirect', '--states', '500').doc;
  expect(right.search!.result).toBe('bound-reached');
  expect(right.picks).toBe(0);
});

test('by the clock a right design comes to the end with nothing found', () => {
  const { doc, said } = explored(script('p'), 'ian-frag-destructor', 'bulk-loss');
  expect(doc.over).toBe(true);
  expect(doc.choices).toEqual([]);
  expect(said).toContain('Nothing was found in this run.');
});

test('the steps become a picture that stands alone', () => {
  const file = join(dir, 'story.svg');
  const ran = said(dir, fed, script('f', `s ${file}`), 'explore', 'rpc-reply', 'nfs-odirect');
  expect(ran.code, ran.stderr).toBe(0);
  expect(ran.stdout).toContain('Written:');
  const picture = readFileSync(file, 'utf8');
  for (const words of ['rpc-reply on nfs-odirect~1', 'write queue', 'glyph completed', 'lr2.rpc-'])
    expect(picture).toContain(words);
  expect(picture).not.toMatch(/var\(|light-dark|color-mix|undefined|NaN/);
});

test.each([
  ['x', /line 1: 'x' is no command of explore: it takes a number of the list, u, j N/],
  ['99', /line 1: there is no 99: the list goes from 1 to \d+/],
  ['u', /line 1: no step was chosen yet/],
  ['s story', /line 1: 's story': the diagram goes to a file, such as s story\.svg/],
  ['s story.svg', /line 1: no page was lent yet/],
])('%s, where it is no command, ends a script with one line', (line, message) => {
  const ran: Ran = said(null, fed, script(line), 'explore', 'rpc-reply', 'nfs-odirect');
  expect(ran.code).toBe(2);
  expect(ran.stderr).toMatch(message);
  expect(ran.stderr.trim().split('\n')).toHaveLength(1);
});

test('a process reads them from a pipe', () => {
  const input = script('1', 'x');
  const cell = ['explore', 'rpc-reply', 'nfs-odirect'];
  const env = { ...process.env, NO_COLOR: '1' };
  const ran = spawnSync(process.execPath, [launcher, ...cell], { input, env, encoding: 'utf8' });
  expect(ran.status).toBe(2);
  expect(ran.stderr).toContain("line 2: 'x' is no command of explore");
  expect(ran.stdout).toBe(fed(input, ...cell).stdout);
});

test('a search that finishes for a candidate reads for it what is state alone, as check does', () => {
  const file = join(dir, 'hides.ts');
  writeFileSync(
    file,
    `import { GetPutPage, type Design } from '@lastref/kernel';
export const design = { id: 'hides', title: 't', year: 2026, source: 's', status: 'proposed', summary: 's', adds: [], hooks: 0, claims: [], create: (k) => new Hides(k) } satisfies Design;
class Hides extends GetPutPage { override charged({ sk }: any): void { sk.k.refusals++; } }`,
  );
  const ran = said(dir, fed, script('f'), 'explore', 'hides', 'nfs-odirect', '--with', file);
  expect(ran.code).toBe(2);
  expect(ran.stderr).toContain('it read k of a Sock, which is no state');
});

test('a candidate that asks what it is given hears the same in a search and in a comparison', () => {
  const file = join(dir, 'asks.ts');
  writeFileSync(
    file,
    `import { GetPutPage, Sock, type Design } from '@lastref/kernel';
export const design = { id: 'asks', title: 't', year: 2026, source: 's', status: 'proposed', summary: 's', adds: [], hooks: 0, claims: [], create: (k) => new Asks(k) } satisfies Design;
class Asks extends GetPutPage {
  override lend(skb: any, page: any, offset: number, size: number, loan: any): void {
    super.lend(skb, page, offset, size, loan);
    this.k.hold(loan);
    skb.shinfo.frags[skb.shinfo.nrFrags - 1].loan = loan;
  }
  override charged(skb: any): void {
    const { frags, nrFrags } = skb.shinfo;
    const loan = nrFrags === 0 ? null : frags[0].loan;
    if (skb.sk instanceof Sock && loan !== null && !loan.completed) this.k.complete(loan);
  }
  override mayMerge(frag: any, loan: any): boolean { return frag.loan === loan; }
  override fragRef(_: any, { page, loan }: any): void { this.k.getPage(page); if (loan !== null) this.k.hold(loan); }
  override fragUnref(_: any, { page, loan }: any): void { if (loan !== null) this.k.drop(loan); this.k.putPage(page); }
  override released(loan: any): void { this.k.drop(loan); }
}`,
  );
  const checked = said(
    dir,
    lastref,
    'check',
    'asks',
    'loopback-slow-reader',
    '--with',
    file,
    '--json',
  );
  expect((JSON.parse(checked.stdout) as CheckDocument).result).toBe('exhausted');
  const asked = [
    '--designs',
    'asks',
    '--workloads',
    'loopback-slow-reader',
    '--with',
    file,
    '--json',
  ];
  const compared = said(dir, lastref, 'compare', ...asked);
  const { rows } = JSON.parse(compared.stdout) as CompareDocument;
  expect(rows.map(({ verdicts: { early, lost } }) => [early, lost])).toEqual([['holds', 'holds']]);
});
