// Which designs a command knows when files are brought: the cards come from a process of each, played here by a script that
// has a card for each name of a file.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, expect, test } from 'vitest';
import { knownDesigns, mustBring, selectDesigns } from '../src/candidates/known.ts';
import type { Fault } from '../src/candidates/rules.ts';
import type { House } from '../src/house.ts';

const SCRIPT = `
import { isMainThread, parentPort } from 'node:worker_threads';
if (!isMainThread) parentPort.on('message', ({ asks: [{ name }] }) => {
  const id = name.replace('.ts', '').replace(/^again-/, '');
  const said = { id, title: 't', year: 2026, source: 's', status: 'proposed', summary: 's', adds: [], hooks: 0, claims: [] };
  const fault = { design: name, where: null, hook: null, rule: 'r', text: name + ' broke a rule' };
  const over = id.startsWith('runtime') ? { over: 'msg-zerocopy' } : {};
  parentPort.postMessage({ answer: id === 'breaks' ? { fault } : { ...said, ...over } });
  parentPort.postMessage({ done: true });
});`;

const dir = mkdtempSync(join(tmpdir(), 'lastref-brought-'));
afterAll(() => rmSync(dir, { recursive: true }));
const worker = join(dir, 'worker.mjs');
writeFileSync(worker, SCRIPT);
const house = { worker: pathToFileURL(worker) } as unknown as House;

function files(...ids: string[]): string[] {
  return ids.map((id) => {
    const file = join(dir, `${id}.ts`);
    writeFileSync(file, 'export const design = { create: () => null };');
    return file;
  });
}

test('what a file brings is known with those of the repository, and asked for by its id', async () => {
  const known = await knownDesigns(house, { with: files('mine', 'other') });
  expect(known.candidates.map((c) => c.design.id)).toEqual(['mine', 'other']);
  expect(known.all.map((d) => d.name).slice(-2)).toEqual(['mine', 'other']);
  expect(
    selectDesigns(known, 'other,naive-sendpage')
      .map((d) => d.design.id)
      .sort(),
  ).toEqual(['naive-sendpage', 'other']);
  expect(selectDesigns(known, undefined)).toHaveLength(known.all.length);
});

test.each([['naive-sendpage'], ['canary-forgets-ref'], ['mine', 'again-mine']])(
  'nobody brings an id that is in use (%s)',
  async (...ids) => {
    const taken = ids.at(-1)!.replace('again-', '');
    const ask = knownDesigns(house, { with: files(...ids) });
    await expect(ask).rejects.toThrow(`two designs have the id '${taken}'`);
  },
);

test('a command that takes designs takes no runtime', async () => {
  const ask = knownDesigns(house, { with: files('runtime-mine') });
  await expect(ask).rejects.toThrow('this command takes designs alone');
});

test('one that takes both has it among the runtimes, which are asked for alone', async () => {
  const known = await knownDesigns(house, { with: files('runtime-mine') }, { takes: 'both' });
  expect(known.runtimes.map((d) => d.name)).toContain('runtime-mine');
  expect(known.all.map((d) => d.name)).not.toContain('runtime-mine');
  expect(selectDesigns(known, undefined)).toContain(known.candidates[0]);
});

test('one that broke a rule is left out where somebody hears of it, and else ends the command', async () => {
  const faults: Fault[] = [];
  const brought = files('breaks', 'mine');
  const known = await knownDesigns(
    house,
    { with: brought },
    { onFault: (fault) => faults.push(fault) },
  );
  expect(known.candidates.map((c) => c.name)).toEqual(['mine']);
  expect([faults, known.faults]).toEqual([known.faults, faults]);
  expect(faults.map((f) => f.text)).toEqual(['breaks.ts broke a rule']);
  expect(selectDesigns(known, 'breaks,mine').map((d) => d.name)).toEqual(['mine']);
  await expect(knownDesigns(house, { with: brought })).rejects.toThrow('breaks.ts broke a rule');
});

test('an id that no file can bring is said before any is loaded', async () => {
  const brought = files('mine');
  await expect(mustBring('naive-sendpage, mine', brought)).resolves.toBeUndefined();
  await expect(mustBring('any-other', brought)).resolves.toBeUndefined(); // of the one file, as far as one knows
  await expect(mustBring('mine,naive-sendpag', brought)).rejects.toThrow(
    "unknown design 'naive-sendpag'",
  );
  await expect(mustBring('naive-sendpag', [])).resolves.toBeUndefined();
});
