// A program whose states differ in nothing but one thing that it keeps: a search that takes them for one state says
// *exhausted* of what is wrong.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DEFAULT_BOUND, explore } from '@lastref/search';
import { MSG_ZEROCOPY, Program, type Calls } from '@lastref/kernel';
import { findEra } from '@lastref/runner';
import { designOf } from '@lastref/runner/candidates';
import { workloadCalled } from '@lastref/workloads';
import { expect, test } from 'vitest';
import { sample } from '../../scripts/tier.ts';
import { said } from './house/reference.ts';
import { lastref } from './run-cli.ts';

/** One packet that is lost is enough for either order; with a time-out more they only take longer. */
const SHORT = { ...DEFAULT_BOUND, retransmissions: 0 };

class Good {
  bad(): boolean {
    return false;
  }
}
class Bad extends Good {
  override bad(): boolean {
    return true;
  }
}

/** As it begins, as it is when the notification came before the answer, and how the two are told apart. */
interface Kept {
  readonly first: string;
  readonly later: string;
  readonly isLater: string;
}

const KEPT: Readonly<Record<string, Kept>> = {
  'a number': { first: '0', later: '1', isLater: 'this.kept === 1' },
  'keys of a record': { first: '{ a: 1 }', later: '{ b: 1 }', isLater: 'this.kept.b === 1' },
  'one key more': {
    first: '{ a: 1 }',
    later: '{ a: 1, b: undefined }',
    isLater: "'b' in this.kept",
  },
  'names with one sum': {
    first: '{ glbvs: 1 }',
    later: '{ yacxa: 1 }',
    isLater: 'this.kept.yacxa === 1',
  },
  'a sign of 0': { first: '[0]', later: '[-0]', isLater: 'Object.is(this.kept[0], -0)' },
  'a place where nothing is': {
    first: '[undefined]',
    later: 'new Array(1)',
    isLater: '!(0 in this.kept)',
  },
  'a class': { first: 'new Good()', later: 'new Bad()', isLater: 'this.kept.bad()' },
  'a list or a set': { first: '[]', later: 'new Set()', isLater: '!Array.isArray(this.kept)' },
  'a list or bytes': {
    first: '[7]',
    later: 'new Uint8Array([7])',
    isLater: '!Array.isArray(this.kept)',
  },
  'true or its number': { first: '0x74727565', later: 'true', isLater: 'this.kept === true' },
  'null or its number': { first: '0x6e756c6c', later: 'null', isLater: 'this.kept === null' },
  'true or its number, in a list': {
    first: '[0x74727565]',
    later: '[true]',
    isLater: 'this.kept[0] === true',
  },
  'a text or its letters': { first: "['a']", later: '[97]', isLater: 'this.kept[0] === 97' },
  'a big number or its text': {
    first: "'1n'",
    later: '1n',
    isLater: "typeof this.kept === 'bigint'",
  },
  'its calls or null': { first: 'null', later: 'this.calls', isLater: 'this.kept !== null' },
};

/** Whatever order notification and answer come in, it takes its buffer back by a new connection: but for one of them. */
function sourceOf({ first, later, isLater }: Kept): string {
  return `
  connection = -1; over = false; heard = false; has = false; kept = ${first};
  connected(connection) {
    if (this.connection < 0) this.connection = connection;
    else if (this.has && !(${isLater})) this.takeBack();
  }
  takeBack() { this.has = false; this.calls.release(0); }
  request(buffer, size) { this.has = true; this.calls.send(this.connection, buffer, 0, size, MSG_ZEROCOPY); }
  notified() {
    if (!this.has || this.over) return;
    if (!this.heard) this.kept = ${later};
    this.over = true;
    if (this.heard) this.calls.connect();
  }
  answered() {
    if (!this.has || this.heard) return;
    this.heard = true;
    if (this.over) this.calls.connect();
  }
  failed() { if (this.has && this.over) this.takeBack(); }`;
}

test.each(sample(Object.entries(KEPT), 12))('%s is state', (_, kept) => {
  // oxlint-disable-next-line typescript/no-implied-eval
  const make = new Function(
    'Program, MSG_ZEROCOPY, Good, Bad',
    `return class Mine extends Program {${sourceOf(kept)}\n};`,
  )(Program, MSG_ZEROCOPY, Good, Bad) as new (calls: Calls) => Program;
  const card = { id: 'mine', title: 't', year: 2026, source: 's', summary: 's' };
  const runtime = { ...card, over: 'msg-zerocopy', create: (calls: Calls) => new make(calls) };
  const workload = workloadCalled('runtime-replies~1')!;
  const input = { design: designOf({ runtime }), workload, era: findEra('7.2.13'), seed: 1 };
  const found = explore(input, { bound: SHORT });
  expect([found.result, found.finding?.property]).toEqual(['refuted', 'lost']);
});

test('and so it is where the program runs in a process of its own', () => {
  const dir = mkdtempSync(join(tmpdir(), 'lastref-told-apart-'));
  try {
    for (const name of sample(['a class', 'names with one sum'], 2)) {
      const file = join(dir, 'mine.js');
      const classes =
        'class Good { bad() { return false; } }\nclass Bad extends Good { bad() { return true; } }';
      writeFileSync(
        file,
        `import { MSG_ZEROCOPY, Program } from '@lastref/kernel';
export const runtime = { id: 'mine', title: 't', year: 2026, source: 's', summary: 's', over: 'msg-zerocopy', create: (calls) => new Mine(calls) };
${classes}
class Mine extends Program {${sourceOf(KEPT[name]!)}
}
`,
      );
      const short = ['--retransmissions', '0'];
      const args = ['check', 'mine', 'runtime-replies', ...short, '--with', file, '--json'];
      const ran = said(dir, lastref, ...args);
      expect(ran.stderr + ran.stdout, name).toContain('"result":"refuted"');
    }
  } finally {
    rmSync(dir, { recursive: true });
  }
}, 120_000);
