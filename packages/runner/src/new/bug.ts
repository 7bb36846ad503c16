// What `lastref new --bug` writes: a driver that tells its user too soon, with the version that does not, and its test.
import type { NewFile } from '../files.ts';

export function bugFile(id: string, year: number): NewFile {
  const text = `// A bug: what went wrong, and two versions that differ in what the fix changed. See docs/own-bugs.md of lastref.
import { Act, Owner, program, workloadOf, type Bug } from '@lastref/bugs/author';
import {
  GetPutPage,
  PAGE_SIZE,
  Reader,
  Side,
  declareState,
  type Holder,
  type HolderVisitor,
  type Kernel,
  type Loan,
  type Page,
} from '@lastref/kernel';
import { ownPages, writePage } from '@lastref/workloads';

/** A driver that two engines read a buffer for. Each thing that it does by itself is an Act: the search picks the order. */
abstract class Driver extends Owner implements Holder {
  private readonly buffer: Page;
  private readonly flow: number;
  private readonly engines: readonly Act[];
  private lent: Loan | null = null;
  /** Engines that still read. */
  protected busy = 0;

  constructor(k: Kernel) {
    super(k, 'driver', 1); // one operation
    this.flow = k.newFlow(Side.LENT);
    this.buffer = ownPages(k, 1)[0]!;
    k.holders.push(this); // the judge asks it who can read
    this.engines = [1, 2].map(
      (n) => new Act(k, \`engine \${n}\`, 'reads the buffer', () => this.reads(n)),
    );
    new Act(k, 'user', 'posts a buffer', () => this.post()).arm();
  }

  private post(): void {
    const { k, buffer, flow } = this;
    writePage(k, buffer, 1);
    const loan = this.newLoan(1);
    k.probe.lent(loan, buffer, 0, PAGE_SIZE, flow, 0); // from here on these bytes are lent
    this.lent = loan;
    this.busy = 2;
    this.handedOver(loan); // all of it is with the driver
    for (const engine of this.engines) engine.arm();
  }

  private reads(engine: number): void {
    const { k, buffer, flow } = this;
    k.probe.read(Reader.NIC, flow, 0, PAGE_SIZE, buffer.address, buffer);
    this.busy--;
    k.releases++; // somebody has let go: the judge looks who is left
    if (this.isOver(engine)) k.complete(this.lent!); // the user is told
  }

  /** Is this the engine that the user waits for? */
  protected abstract isOver(engine: number): boolean;

  forEachReader(visitor: HolderVisitor): void {
    if (this.busy > 0) visitor.page(this.buffer, 0, PAGE_SIZE, 'engine');
  }
}

// A search compares states: every field of a class is state, or is the same in each (constant).
declareState(Driver, { state: 'lent busy', constant: 'buffer flow engines' });

/** The second one tells, as it was started last. */
class SecondTells extends Driver {
  protected override isOver(engine: number): boolean {
    return engine === 2;
  }
}

/** Whoever is through last does. */
class LastTells extends Driver {
  protected override isOver(): boolean {
    return this.busy === 0;
  }
}

const driver = program('${id}', 'a driver with two engines', ${year}, (k) => new GetPutPage(k));
const played = (version: string, make: (k: Kernel) => Driver) =>
  workloadOf(\`${id}-\${version}\`, 'a user posts a buffer', make, { by: 'driver', over: 'device' });

export const bug: Bug = {
  id: '${id}',
  title: 'what went wrong, in one line',
  year: ${year},
  where: 'the program, and the function in it',
  source: 'a commit, an advisory, an issue',
  kind: 'told too early',
  property: 'early',
  on: [],
  wrong: { design: driver, era: '7.2.13', on: [{ program: played('wrong', (k) => new SecondTells(k)) }] },
  fixed: { design: driver, era: '7.2.13', on: [{ program: played('fixed', (k) => new LastTells(k)) }] },
  mechanism: 'Who held what, and who let go of what, when.',
  fix: 'What the fix changed.',
  lesson: 'How it was found then.',
  words: [],
};
`;
  return { name: `${id}.ts`, data: text };
}

/** Its test: the wrong version is found, and nothing is in the fixed one. */
export function bugTestFile(id: string, lastref: string): NewFile {
  const text = `// What ${id} is to show: node --test ${id}.test.mjs
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const lastref = process.env.LASTREF ?? here(${lastref});

test('the search finds the wrong version, and comes to its end behind the fix', () => {
  const args = ['bugs', '--with', here('${id}.ts'), '--json'];
  const stdio = ['ignore', 'pipe', 'inherit'];
  const [row] = JSON.parse(execFileSync(process.execPath, [lastref, ...args], { stdio })).rows;
  assert.equal(row.wrong.result, 'refuted');
  assert.equal(row.fixed.result, 'exhausted');
});
`;
  return { name: `${id}.test.mjs`, data: text };
}
