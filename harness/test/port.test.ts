// A port of a candidate: its class is only read, and what is read is what the class is.
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { overridden } from '@lastref/mutants';
import { portSchema, sitesSchema } from '@lastref/report';
import { allDesigns } from '@lastref/runner';
import { compile } from '@lastref/runner/candidates';
import { hooksOf } from '@lastref/runner/known';
import { afterAll, expect, test } from 'vitest';
import { said } from './house/reference.ts';
import { lastref } from './run-cli.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const dir = mkdtempSync(join(tmpdir(), 'lastref-port-'));
afterAll(() => rmSync(dir, { recursive: true }));
const designs = await allDesigns();

test.each(designs.map((file) => [file.design.id, file.design] as const))(
  'the source of %s has the hooks that its class has',
  async (id, design) => {
    const source = await compile(join(root, 'strategies', `${id}.ts`));
    expect(await hooksOf({ ...source, design })).toEqual(overridden(design));
  },
);

test('a class that is no lifetime has no hooks, whatever its methods are called', async () => {
  const file = join(dir, 'books.ts');
  writeFileSync(
    file,
    `import { GetPutPage, type Design } from '@lastref/kernel';
class Books { clone(): number { return 1; } closed(): void {} }
class Mine extends GetPutPage { readonly books = new Books(); override released(): void { this.books.clone(); } }
export const design = { create: (k) => new Mine(k) } as Design;`,
  );
  const source = await compile(file);
  expect(await hooksOf({ ...source, design: designs[0]!.design })).toEqual(['released']);
});

test.each([[[]], [['--trust']]])('it stands where that of the same design stands %j', (how) => {
  const own = readFileSync(join(root, 'strategies/ian-frag-destructor.ts'), 'utf8');
  const file = join(dir, 'mine.ts');
  writeFileSync(file, own.replace("'ian-frag-destructor'", "'mine'"));
  const json = (...asked: string[]): unknown =>
    JSON.parse(said(dir, lastref, ...asked, '--json').stdout);
  const trusted = how.length === 0 ? undefined : ['mine'];
  const ported = (...asked: string[]) => portSchema.parse(json('port', ...asked));
  const port = ported('mine', '--with', file, ...how);
  expect(port.rows).toEqual(ported('ian-frag-destructor').rows);
  expect(port.trusted).toEqual(trusted);
  const tree = join(dir, 'tree');
  mkdirSync(join(tree, 'net/core'), { recursive: true });
  writeFileSync(
    join(tree, 'net/core/skbuff.c'),
    'void mine(struct sk_buff *skb)\n{\n\t__skb_frag_unref(&skb_shinfo(skb)->frags[0]);\n}\n',
  );
  const found = (...asked: string[]) => sitesSchema.parse(json('sites', tree, ...asked));
  const sites = found('--design', 'mine', '--with', file, ...how);
  expect(sites.trusted).toEqual(trusted);
  const { rows } = sites.design!;
  expect(rows.map((row) => [row.name, row.hooks])).toEqual([['mine', ['fragUnref']]]);
  expect(rows).toEqual(found('--design', 'ian-frag-destructor').design!.rows);
});
