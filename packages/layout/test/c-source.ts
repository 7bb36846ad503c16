// The same structs as C source whose program prints what the compiler made of them.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Aggregate, CType, Member, Structs } from '../src/ctype.ts';
import { flatten, layoutOfStruct } from '../src/index.ts';

const BY_SIZE = {
  1: 'unsigned char',
  2: 'unsigned short',
  4: 'unsigned int',
  8: 'unsigned long',
} as const;

/** The first compiler that is installed, if this is a machine whose ABI is the one that is modelled. */
export function compiler(): string | null {
  if (process.arch !== 'x64' || process.platform === 'win32') return null;
  return ['cc', 'gcc', 'clang'].find((cc) => spawnSync(cc, ['--version']).status === 0) ?? null;
}

/** 'struct.path offset bytes' of every field, as the engine has it and as the program prints it. */
export function expected(structs: Structs): string[] {
  return Object.keys(structs).flatMap((name) => {
    const layout = layoutOfStruct(name, structs);
    return [
      `${name} ${layout.bytes} ${layout.align}`,
      ...flatten(layout).map(({ path, field }) =>
        field.bits === null
          ? `${name}.${path} ${field.offset} ${field.bytes}`
          : `${name}.${path} bit ${field.offset * 8 + field.bits.at} ${field.bits.width}`,
      ),
    ];
  });
}

/** What the compiler says. */
export function compiled(cc: string, structs: Structs): string[] {
  const dir = mkdtempSync(join(tmpdir(), 'lastref-layout-'));
  try {
    writeFileSync(join(dir, 'layout.c'), source(structs));
    const built = spawnSync(
      cc,
      ['-std=gnu11', '-w', '-o', join(dir, 'layout'), join(dir, 'layout.c')],
      {
        encoding: 'utf8',
      },
    );
    if (built.status !== 0) throw new Error(built.stderr);
    return spawnSync(join(dir, 'layout'), { encoding: 'utf8' }).stdout.trimEnd().split('\n');
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

function source(structs: Structs): string {
  const done = new Set<string>();
  const definitions: string[] = [];
  const define = (name: string): void => {
    if (done.has(name)) return;
    done.add(name);
    for (const used of uses(structs[name]!)) define(used);
    definitions.push(`${aggregate(structs[name]!, `s_${name}`)};`);
  };
  Object.keys(structs).forEach(define);
  const lines = Object.keys(structs).flatMap((name) => {
    const s = `struct s_${name}`;
    return [
      `printf("${name} %zu %zu\\n", sizeof(${s}), _Alignof(${s}));`,
      ...flatten(layoutOfStruct(name, structs)).map(({ path, field }) =>
        field.bits === null
          ? `printf("${name}.${path} %zu %zu\\n", offsetof(${s}, ${path}), sizeof(((${s} *)0)->${path}));`
          : `{ union { ${s} s; unsigned char b[sizeof(${s})]; } u; memset(&u, 0, sizeof u); u.s.${path} = -1; bits("${name}.${path}", u.b, sizeof(${s})); }`,
      ),
    ];
  });
  return `#include <stddef.h>
#include <stdio.h>
#include <string.h>
static void bits(const char *name, const unsigned char *b, size_t n) {
  size_t first = 0, set = 0;
  for (size_t i = 0; i < n * 8; i++)
    if (b[i / 8] >> (i % 8) & 1) { if (set++ == 0) first = i; }
  printf("%s bit %zu %zu\\n", name, first, set);
}
${definitions.join('\n')}
int main(void) {
${lines.join('\n')}
return 0; }
`;
}

function* uses(type: CType): Generator<string> {
  if (type.kind === 'named') yield type.name;
  if (type.kind === 'array') yield* uses(type.of);
  if (type.kind === 'struct' || type.kind === 'union')
    for (const m of type.members) yield* uses(m.type);
}

function aggregate(type: Aggregate, tag: string): string {
  const attribute = type.aligned === undefined ? '' : ` __attribute__((aligned(${type.aligned})))`;
  return `${type.kind} ${tag} {\n${type.members.map(declaration).join('\n')}\n}${attribute}`;
}

function declaration(m: Member): string {
  let { type } = m;
  let suffix = '';
  while (type.kind === 'array') {
    suffix += `[${type.length === 0 ? '' : type.length}]`;
    type = type.of;
  }
  const bits = m.bits === undefined ? '' : `:${m.bits}`;
  const attribute = m.aligned === undefined ? '' : ` __attribute__((aligned(${m.aligned})))`;
  return `${base(type)} ${m.name}${suffix}${bits}${attribute};`;
}

function base(type: Exclude<CType, { kind: 'array' }>): string {
  if (type.kind === 'named') return `struct s_${type.name}`;
  if (type.kind === 'scalar') return type.name.endsWith('*') ? 'void *' : BY_SIZE[type.size];
  return aggregate(type, '');
}
