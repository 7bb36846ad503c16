// Blame goes to the cause, and what comes from outside is shown as what it is: text.
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { code, escapeMarkdown } from '@lastref/report';
import { UsageError, selectWorkloads, sized, type DesignFile } from '@lastref/runner';
import {
  Broken,
  blamed,
  compile,
  placeOf,
  RULES,
  selectDesigns,
  type Known,
} from '@lastref/runner/candidates';
import { allDesigns } from '@lastref/runner';
import { expect, test } from 'vitest';
import { designPage } from './house/design-page.ts';
import { editorFile, testFile } from '@lastref/runner/new';
import { program, quoted } from '@lastref/runner/typed';

const nothing = (): never => {
  throw new Error('hands off');
};

test.each<[string, unknown]>([
  ['a Proxy', new Proxy({}, { getPrototypeOf: nothing, get: nothing })],
  ['an object without a prototype', Object.create(null)],
  ['an error whose stack is a number', Object.assign(new Error('boo'), { stack: 7 })],
  [
    'an error whose message throws',
    Object.defineProperty(new Error(), 'message', { get: nothing }),
  ],
  ['nothing', undefined],
])('%s that a hook throws is the fault of that hook', (_what, thrown) => {
  const broken = blamed(placeOf('fragRef'), 'mine.ts', thrown) as Broken;
  expect(broken).toBeInstanceOf(Broken);
  expect(broken.place).toBe('hook fragRef');
  expect(RULES[broken.rule]).toBe(RULES.throws);
  expect(broken.message).toMatch(/^it threw ./);
});

test('where a candidate did not load nobody complains of its name a second time', async () => {
  const all = await allDesigns();
  const fault = { design: 'mine.ts', where: null, hook: null, rule: '', text: '' };
  const there: Known = { runtimes: [], all, candidates: [], faults: [fault] };
  const ids = (designs: readonly DesignFile[]) => designs.map((d) => d.design.id);
  expect(ids(selectDesigns(there, 'mine, rpc-reply'))).toEqual(['rpc-reply']);
  expect(() => selectDesigns({ ...there, faults: [] }, 'mine,rpc-reply')).toThrow(UsageError);
});

test.each(['nfs-odirect~0', 'nfs-odirect~9', 'nfs-odirect~', 'nfs-odirect~x', 'a~1~2'])(
  'the size of %s is refused by every command in one sentence',
  (name) => {
    expect(() => sized(name)).toThrow(/behind the ~ stands a number of operations, 1 to 8/);
    expect(() => sized(name)).toThrow(UsageError);
    expect(() => selectWorkloads([], name)).toThrow('behind the ~ stands');
  },
);

test('a name with a size has one', () => {
  expect(sized('nfs-odirect~2')).toEqual({ id: 'nfs-odirect', operations: 2 });
  expect(sized('nfs-odirect')).toEqual({ id: 'nfs-odirect' });
});

test('a name cannot leave its code span, and moves no cursor', () => {
  const name = '`<img src=x>`.pcapng';
  expect(code(`./lastref compare --capture ${name}`)).toBe(
    `\`\` ./lastref compare --capture ${name} \`\``,
  );
  expect(code('a\n\n<b>\u001b[2J')).toBe('`a <b>\\x1b[2J`');
  expect(escapeMarkdown('a\n<b>')).toBe('a \\<b\\>');
});

test('a hint is what was typed, and a shell takes it as it stands', () => {
  const clone = mkdtempSync(join(tmpdir(), 'lastref-test-'));
  const file = join(clone, 'lastref');
  const at = (cwd: string, more: NodeJS.ProcessEnv = {}) =>
    program({ PATH: '/nowhere', LASTREF_PROGRAM: file, ...more }, cwd);
  mkdirSync(join(clone, 'sub'));
  expect(at(clone)).toBe('./lastref');
  expect(at(join(clone, 'sub'))).toBe('../lastref');
  expect(at(clone, { npm_command: 'exec' })).toBe('npx lastref');
  const built = { LASTREF_PROGRAM: join(clone, 'harness/dist/cli.js') };
  expect(at(clone, built)).toBe('node ./harness/dist/cli.js');
  expect(quoted("it's here.ts")).toBe(`'it'\\''s here.ts'`);
  expect(quoted('a\u001b[31m')).toBe("$'a\\x1b[31m'");
});

test('no page of a design needs pnpm, or names a design twice', async () => {
  const designs = (await allDesigns()).map((file) => file.design);
  for (const design of designs) {
    const page = designPage(design, designs);
    expect(page).not.toContain('pnpm');
    const [, ids] = /compare --designs (\S+)/.exec(page)!;
    expect(new Set(ids!.split(',')).size).toBe(ids!.split(',').length);
  }
});

test('what new writes names no directory of this machine', () => {
  const dir = join(tmpdir(), 'drafts');
  for (const { data } of [testFile('my-design', dir), editorFile(dir, false)])
    expect(String(data)).not.toMatch(/["'`(]\/(?!\/)/);
});

test('what a design imports from outside is refused with its line, before it runs', async () => {
  const file = join(mkdtempSync(join(tmpdir(), 'lastref-test-')), 'mine.ts');
  writeFileSync(file, "// mine\nimport { rmSync } from 'node:fs';\nrmSync('x');\n");
  await expect(compile(file)).rejects.toMatchObject({
    place: 'its file',
    rule: 'compiles',
    message: 'mine.ts:2:24: it imports node:fs, which no design needs',
  });
});

/** A design's file with `body` in its class, `adds` in its card and `head` above both. */
function written(body: string, adds = '', head = ''): string {
  const file = join(mkdtempSync(join(tmpdir(), 'lastref-test-')), 'mine.ts');
  writeFileSync(
    file,
    `import { GetPutPage, type Design } from '@lastref/kernel';
${head}
export const design = { id: 'mine', adds: [${adds}] } as unknown as Design;
class Mine extends GetPutPage {
${body}
}
export { Mine };
`,
  );
  return file;
}

test.each<[string, string, string | RegExp]>([
  [
    'a misspelt override',
    written('  override fragUnreff(): void {}'),
    'mine.ts:5: override fragUnreff overrides nothing; did you mean fragUnref?',
  ],
  [
    'an override of nothing that is near',
    written('  override somethingElse(): void {}'),
    /^mine\.ts:5: override somethingElse overrides nothing; known: canAppend, /,
  ],
  [
    'a misspelt hook',
    written('  keep(): void {}\n  skb_destructor(): void {}'),
    'mine.ts:6: skb_destructor is no hook, and nothing calls it; did you mean skbDestructor?',
  ],
  [
    'a field in no struct',
    written('', "{ struct: 'sk_bufff', name: 'loan', type: 'pointer' }"),
    "mine.ts:3: adds a field to 'sk_bufff', which is no struct of any kernel here; did you mean sk_buff?",
  ],
  [
    'a package',
    written('  x = pick;', '', "import { pick } from 'lodash';"),
    'mine.ts:2:22: it imports lodash; a design imports @lastref/kernel and its own files',
  ],
  [
    'what is not the seam',
    written('  x = Judge;', '', "import { Judge } from '@lastref/judge';"),
    'mine.ts:2:23: it imports @lastref/judge; a design imports @lastref/kernel and its own files',
  ],
])('%s is refused with its line, before it runs', async (_what, file, message) => {
  const error = (await compile(file).catch((thrown: unknown) => thrown)) as Broken;
  expect(error).toBeInstanceOf(Broken);
  expect(error.message).toMatch(typeof message === 'string' ? escaped(message) : message);
});

function escaped(text: string): RegExp {
  return new RegExp(`^${text.replace(/[.?*+(){}[\]^$|\\]/g, '\\$&')}$`);
}

test('a helper with a name like a hook, an override of a helper and every shipped design are let in', async () => {
  const helper = written('  override fragRef(): void { this.release(); }\n  release(): void {}');
  await expect(compile(helper)).resolves.toMatchObject({ name: 'mine.ts' });
  const base = 'class Base extends GetPutPage { protected help(): void {} }';
  const above = written(
    '',
    '',
    `${base}\nexport class Next extends Base { override help(): void {} }`,
  );
  await expect(compile(above)).resolves.toMatchObject({ name: 'mine.ts' });
  for (const { design } of await allDesigns()) {
    const file = fileURLToPath(new URL(`../../strategies/${design.id}.ts`, import.meta.url));
    await expect(compile(file), file).resolves.toMatchObject({ file });
  }
});
