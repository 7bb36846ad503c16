// What `lastref new` writes: a design or a runtime that runs and is not right yet, its test, and what an editor needs to know.
import { relative, sep } from 'node:path';
import { ROOT } from '../registry.ts';
import type { NewFile } from '../files.ts';

/** From a directory to a file of lastref, as another machine has both: in a repository, beside each other. */
function fromHere(dir: string, file: string): string {
  const path = relative(dir, `${ROOT}${file}`).split(sep).join('/');
  return path.startsWith('.') ? path : `./${path}`;
}

/** `my-design` as the name of a class: MyDesign. */
function className(id: string): string {
  return id.replace(/(^|-)([a-z0-9])/g, (_, __, letter: string) => letter.toUpperCase());
}

/** The design: each fragment holds the loan, but nobody counts the references that the stack takes later. */
export function designFile(id: string, year: number): NewFile {
  const name = className(id);
  const text = `// Where does the loan hang, and what keeps it alive? See docs/tutorial.md of lastref.
import {
  GetPutPage,
  type Design,
  type Loan,
  type Page,
  type SkBuff,
  type SkbFrag,
  type SkbSharedInfo,
} from '@lastref/kernel';

export const design = {
  id: '${id}',
  title: 'a count of the fragments',
  year: ${year},
  source: 'who proposes it, where: a message id, a link, a kernel path with its version',
  status: 'proposed',
  summary: 'Every fragment that is lent holds the loan. Whoever drops the last one completes it.',
  adds: [{ struct: 'skb_frag_t', name: 'loan', type: 'pointer' }], // lastref layout says what that costs
  hooks: 0,
  claims: [],
  create: (services) => new ${name}(services),
} satisfies Design;

/** What a hook does not say here, GetPutPage does as mainline does: bare page references, nobody is told. */
class ${name} extends GetPutPage {
  /** sendpage puts one page in. */
  override lend(skb: SkBuff, page: Page, pageOffset: number, size: number, loan: Loan): void {
    this.k.getPage(page); // the fragment's own reference on the page, as ever
    const frag = this.k.fillPageDesc(skb, page, pageOffset, size);
    frag.loan = loan; // goes along with every copy of the entry
    this.k.hold(loan);
  }

  /** Somebody puts a fragment's reference. */
  override fragUnref(shinfo: SkbSharedInfo, frag: SkbFrag): void {
    super.fragUnref(shinfo, frag);
    if (frag.loan !== null) this.k.drop(frag.loan); // the last drop tells the producer
  }

  /** The producer will not lend this loan again: its own hold goes. */
  override released(loan: Loan): void {
    this.k.drop(loan);
  }
}
`;
  return { name: `${id}.ts`, data: text };
}

/** The runtime: a buffer is taken back when its last call was announced, or a later one. */
export function runtimeFile(id: string, year: number): NewFile {
  const name = className(id);
  const text = `// When is a buffer the program's own again? See docs/runtime.md of lastref.
import { MSG_ZEROCOPY, Program, type Runtime } from '@lastref/kernel';

export const runtime = {
  id: '${id}',
  title: 'the number of the last call counts',
  year: ${year},
  source: 'who wrote the program, where: a repository, an issue, a release',
  summary: 'A buffer is taken back when its last call was announced, or a later one.',
  over: 'msg-zerocopy', // or 'send-zc': io_uring, which is told by cqe()
  create: (calls) => new ${name}(calls),
} satisfies Runtime;

/** A buffer on its way out. */
class Sending {
  readonly buffer: number;
  readonly size: number;
  /** Bytes that the socket took, and the number of the call that took the last of them. */
  sent = 0;
  lastCall = 0;

  constructor(buffer: number, size: number) {
    this.buffer = buffer;
    this.size = size;
  }
}

/** An event that is not here does nothing: packages/kernel/src/runtime.ts has all of them, and the system calls. */
class ${name} extends Program {
  private connection = 0;
  private nextCall = 0;
  private stopping = false;
  /** Buffers that the program has, in the order of the requests. */
  private sendings: Sending[] = [];

  override connected(connection: number, nextCall: number): void {
    this.connection = connection;
    this.nextCall = nextCall;
  }

  /** Somebody wants the first \`size\` bytes of a buffer sent. */
  override request(buffer: number, size: number): void {
    this.sendings.push(new Sending(buffer, size));
    this.push();
  }

  override writable(_connection: number): void {
    this.push();
  }

  /** Sends until the socket takes no more. */
  private push(): void {
    const { calls, connection } = this;
    for (const sending of this.sendings) {
      while (sending.sent < sending.size) {
        const rest = sending.size - sending.sent;
        const taken = calls.send(connection, sending.buffer, sending.sent, rest, MSG_ZEROCOPY);
        if (taken < 0) return; // -EAGAIN: \`writable\` follows
        sending.sent += taken;
        sending.lastCall = this.nextCall++;
      }
    }
  }

  /** Calls \`lo\` to \`hi\` are over: the error queue says so. */
  override notified(_connection: number, _lo: number, hi: number): void {
    for (const sending of this.sendings)
      if (sending.sent === sending.size && sending.lastCall <= hi) this.takeBack(sending);
    this.push();
    this.finish();
  }

  /** From here on somebody writes to the buffer: this is what is judged. */
  private takeBack(sending: Sending): void {
    this.sendings = this.sendings.filter((s) => s !== sending);
    this.calls.release(sending.buffer);
  }

  /** The connection is gone, and what was sent over it is given up. */
  override failed(connection: number, _error: number): void {
    this.calls.close(connection);
    for (const sending of this.sendings) this.takeBack(sending);
    if (!this.stopping) this.calls.connect();
  }

  override stop(): void {
    this.stopping = true;
    this.finish();
  }

  private finish(): void {
    if (this.stopping && this.sendings.length === 0) this.calls.close(this.connection);
  }
}
`;
  return { name: `${id}.ts`, data: text };
}

/** Workloads on which what is written holds as it is. */
const HELD = ['sendfile-locked', 'loopback-slow-reader'];
const HELD_RUNTIME = ['runtime-plain', 'runtime-half-close'];

/** The command line as seen from a directory, as a literal that becomes part of a URL. */
export function pathOfLastref(dir: string): string {
  const path = encodeURI(fromHere(dir, 'lastref')).replaceAll('?', '%3F').replaceAll('#', '%23');
  return JSON.stringify(path);
}

/** Its test: says on which workloads it holds, and fails when that changes. */
export function testFile(id: string, dir: string, runtime = false): NewFile {
  const held = (runtime ? HELD_RUNTIME : HELD).map((w) => `'${w}'`).join(', ');
  const text = `// The story that ${id} is to keep: node --test ${id}.test.mjs
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const lastref = process.env.LASTREF ?? here(${pathOfLastref(dir)});
const file = here('${id}.ts');

function compare(workload) {
  const args = ['compare', '--with', file, '--designs', '${id}', '--workloads', workload, '--json'];
  const stdio = ['ignore', 'pipe', 'inherit'];
  return JSON.parse(execFileSync(process.execPath, [lastref, ...args], { stdio })).rows[0];
}

/** What a right design may have, or no design can help: a program that never reads, a telling one step late, a careless writer. */
const BESIDE = ['unbounded', 'late', 'written'];

for (const workload of [${held}]) {
  test(\`nothing is found on \${workload}, and every loan comes back\`, () => {
    const { findings, loans, completions } = compare(workload);
    assert.deepEqual(findings.filter((f) => !BESIDE.includes(f.property)), []);
    assert.equal(completions, loans);
  });
}
`;
  return { name: `${id}.test.mjs`, data: text };
}

/** Packages that a file of a user's may import, and their sources. */
const SEAM = [
  ['@lastref/kernel', 'packages/kernel/src/index.ts'],
  ['@lastref/bugs/author', 'packages/bugs/src/author.ts'],
  ['@lastref/operations', 'packages/operations/src/index.ts'],
  ['@lastref/workloads', 'packages/workloads/src/index.ts'],
] as const;

/** What those of them need that know more than the seam. */
function typesOfNode(dir: string): object {
  return { types: ['node'], typeRoots: [fromHere(dir, 'node_modules/@types')] };
}

/** For an editor or \`tsc\`: where the seam's types are. */
export function editorFile(dir: string, wholeMachine: boolean): NewFile {
  const config = {
    extends: fromHere(dir, 'tsconfig.base.json'),
    compilerOptions: {
      module: 'ESNext',
      moduleResolution: 'bundler',
      ...(wholeMachine ? typesOfNode(dir) : { types: [] }),
      paths: Object.fromEntries(SEAM.map(([name, file]) => [name, [fromHere(dir, file)]])),
    },
    include: ['*.ts'],
  };
  return { name: 'tsconfig.json', data: `${JSON.stringify(config, null, 2)}\n` };
}
