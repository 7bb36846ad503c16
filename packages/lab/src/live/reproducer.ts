// A finding as one small program in C: what the guest's scenario needs of guest/live, and no more, with its arm.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { GUEST } from '../guest/build.ts';
import type { Arm, Scenario } from './scenarios.ts';

const SHARED = [
  'base.c',
  'netlink.c',
  'net.c',
  'qdisc.c',
  'wire.c',
  'paths.c',
  'nfqueue.c',
  'loan.c',
];
const WITH_SCENARIOS = ['local.c', 'streams.c', 'requests.c', 'rings.c', 'vsock.c'];
const HEADER = 'live.h';

/** Lines of a file up to an empty one that stands outside of braces: a function, a variable, some definitions. */
interface Chunk {
  readonly text: string;
  /** What others call it by: a function's name; of anything else every word outside of braces. */
  readonly names: readonly string[];
}

/**
 * `scenario` with its first arm, as a program of its own. `title`: lines of its first comment.
 * Its exit code is 1 if changed bytes were read, 0 if none were, 3 if it could not.
 */
export function reproducer(scenario: Scenario, title: readonly string[]): string {
  const [arm] = scenario.arms;
  const read = (file: string): string => readFileSync(join(GUEST, 'live', file), 'utf8');
  const files = [...SHARED, ...WITH_SCENARIOS, 'mtu-probe.c'].map(read);
  const main = mainOf(scenario, arm!, files);
  const own = files.find((text) => text.includes(`${main.runs}(`) && !isShared(text, read))!;
  const sources = [...SHARED.map(read), own];
  const parts = sources.map((text) => chunksOf(body(text)));
  const taken = needed(parts.toReversed().flat(), main.text);
  const chunks = parts.flat().filter((chunk) => taken.has(chunk));
  const used = sources.filter((_, n) => parts[n]!.some((chunk) => taken.has(chunk)));
  const includes = [read(HEADER), ...used].flatMap(includesOf);
  const known = new Set(words(codeOf([...chunks, main].map(({ text }) => text).join('\n'))));
  const header = chunksOf(body(read(HEADER))).flatMap((chunk) => withoutOthers(chunk, known));
  return [
    '// SPDX-License-Identifier: MIT',
    ...title.map((line) => `// ${line}`.trimEnd()),
    '#define _GNU_SOURCE',
    ...includesFor(includes),
    '',
    [...header, ...chunks.map(({ text }) => text), main.text].join('\n\n'),
    '',
  ].join('\n');
}

function isShared(text: string, read: (file: string) => string): boolean {
  return SHARED.some((file) => read(file) === text);
}

/** A part of the header, without what is declared of functions that are not there; nothing, if that is all it has. */
function withoutOthers({ text }: Chunk, known: ReadonlySet<string>): string[] {
  const isOthers = (line: string): boolean => {
    const called = /^\w[^=]*?\b(\w+)\(.*;$/.exec(line)?.[1];
    return line.startsWith('extern') || (called !== undefined && !known.has(called));
  };
  const kept = text.split('\n').filter((line) => !isOthers(line));
  return kept.every((line) => line.startsWith('/*')) ? [] : [kept.join('\n')];
}

interface Main {
  readonly text: string;
  /** The function that it calls for a run, or for all of them. */
  readonly runs: string;
}

function mainOf({ id, guest = id }: Scenario, { args }: Arm, files: readonly string[]): Main {
  if (guest === 'mtu-probe') return { runs: 'mtu_probe', text: probing(args) };
  const entry = new RegExp(`\\{ "${guest}", (\\w+), (\\w+) \\}`).exec(files.join('\n'));
  if (entry === null) throw new Error(`guest/live has no scenario ${guest}`);
  const [, setup, runs] = entry;
  const [how, when] = args.split(' ');
  return { runs: runs!, text: counting(setup!, runs!, how!, when!) };
}

const counting = (setup: string, runs: string, how: string, when: string): string => `\
int main(int argc, char **argv)
{
	struct arm arm = arm_of("${how}", "${when}");
	int run, runs = argc > 1 ? atoi(argv[1]) : 30, changed = 0;

	setvbuf(stdout, NULL, _IOLBF, 0);
	${setup}();
	for (run = 1; run <= runs; run++) {
		struct seen seen = ${runs}(arm, run);

		printf("run %d told %d wire %ld delivered %ld\\n", run, seen.told, seen.wire, seen.delivered);
		changed += seen.wire > 0 || seen.delivered > 0;
	}
	printf("changed bytes were read in %d of %d runs\\n", changed, runs);
	return changed > 0;
}`;

const probing = (args: string): string => `\
int main(int argc, char **argv)
{
	setvbuf(stdout, NULL, _IOLBF, 0);
	mtu_probe(argc > 1 ? atoi(argv[1]) : 30, ${args.split(' ').join(', ')}${args.includes(' ') ? '' : ', 0'});
	return 0;
}`;

function includesOf(text: string): string[] {
  return [...text.matchAll(/^#include <.*>$/gm)].map(([line]) => line);
}

/** The C library and the kernel have a tcp.h each, with the same names: one of them is enough. */
function includesFor(wanted: readonly string[]): string[] {
  const all = new Set([...wanted, '#include <stdio.h>', '#include <stdlib.h>']);
  if (all.has('#include <netinet/tcp.h>')) all.delete('#include <linux/tcp.h>');
  return [...all].sort();
}

/** Without what a file of several has at its beginning, and without the guards of a header. */
function body(text: string): string {
  return text
    .replace(/^#include .*\n/gm, '')
    .replace(/^#(?:define _GNU_SOURCE|ifndef LIVE_H|define LIVE_H)\n/gm, '')
    .replace(/\n#endif\n*$/, (end) => (text.includes('LIVE_H') ? '\n' : end))
    .replace(/^(?:\/\/.*\n|\/\*[^]*?\*\/\n)+/, '');
}

function chunksOf(text: string): Chunk[] {
  const chunks: Chunk[] = [];
  let lines: string[] = [];
  let depth = 0;
  const end = (): void => {
    if (lines.length > 0) chunks.push({ text: lines.join('\n'), names: namesOf(lines.join('\n')) });
    lines = [];
  };
  for (const line of text.split('\n')) {
    if (line === '' && depth === 0) end();
    else lines.push(line);
    const code = line.replace(/"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)'/g, '');
    depth += code.split('{').length - code.split('}').length;
    depth += (code.startsWith('#if') ? 1 : 0) - (code.startsWith('#endif') ? 1 : 0);
  }
  end();
  return chunks;
}

function namesOf(text: string): string[] {
  const code = codeOf(text);
  const fn = /^(?!#)[\w* ]*?\b(\w+)\([^;{]*\)\n\{/m.exec(code);
  if (fn !== null) return [fn[1]!];
  let outside = code;
  for (let before = ''; before !== outside;) {
    before = outside;
    outside = outside.replace(/\{[^{}]*\}/g, ' ');
  }
  return words(outside);
}

function codeOf(text: string): string {
  return text.replace(/"(?:[^"\\]|\\.)*"|\/\*[^]*?\*\/|\/\/.*/g, '');
}

function words(code: string): string[] {
  return code.match(/\b[A-Za-z_]\w*\b/g) ?? [];
}

/** Words that say nothing of what they stand in. */
const KEYWORDS = new Set(
  'static const struct enum int long char unsigned void define ifndef endif uint32_t uint64_t'.split(
    ' ',
  ),
);

/** Of chunks with the scenario's own first, those that what `main` calls is made of. */
function needed(chunks: readonly Chunk[], main: string): ReadonlySet<Chunk> {
  const known = new Set(words(main));
  const declared = new Set<string>(KEYWORDS);
  const taken = new Set<Chunk>();
  const isWanted = (chunk: Chunk): boolean =>
    !taken.has(chunk) && chunk.names.some((name) => known.has(name) && !declared.has(name));
  for (let chunk = chunks.find(isWanted); chunk !== undefined; chunk = chunks.find(isWanted)) {
    taken.add(chunk);
    for (const name of chunk.names) declared.add(name);
    for (const word of words(codeOf(chunk.text))) known.add(word);
  }
  return taken;
}
