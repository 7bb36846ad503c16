// What a class declares of its fields is all of them, and true.
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { TcpSock, declaredOf, eraOf, type Design } from '@lastref/kernel';
import { Prng, WORKLOADS, miniature, workloadCalled } from '@lastref/workloads';
import ts from 'typescript';
import { describe, expect, test } from 'vitest';
import { design as ian } from '../../../strategies/ian-frag-destructor.ts';
import { design as rusty } from '../../../strategies/rusty-shinfo-orig.ts';
import { Cell } from '../src/cell.ts';
import { MachineFingerprint, UndeclaredState } from '../src/index.ts';

const era = eraOf('3.8')!;

/** Fields of each class of a file as it is written, and those that its declareState names. */
function classesOf(file: string): { name: string; fields: string[]; declared: string[] | null }[] {
  const source = ts.createSourceFile(file, readFileSync(file, 'utf8'), ts.ScriptTarget.Latest);
  const declared = new Map<string, string[]>();
  for (const statement of source.statements) {
    if (!ts.isExpressionStatement(statement) || !ts.isCallExpression(statement.expression))
      continue;
    const [kind, object] = statement.expression.arguments;
    if (!ts.isIdentifier(statement.expression.expression) || !ts.isIdentifier(kind!)) continue;
    if (statement.expression.expression.text !== 'declareState') continue;
    const names = (object as ts.ObjectLiteralExpression).properties.flatMap((property) =>
      ts.isPropertyAssignment(property) ? textsIn(property.initializer) : [],
    );
    declared.set(kind.text, names);
  }
  return source.statements.filter(ts.isClassDeclaration).map((node) => ({
    name: node.name!.text,
    fields: node.members
      .filter(ts.isPropertyDeclaration)
      .map((member) => (member.name as ts.Identifier).text),
    declared: declared.get(node.name!.text) ?? null,
  }));
}

function textsIn(node: ts.Expression): string[] {
  if (ts.isStringLiteral(node)) return node.text.trim().split(' ');
  return ts.isBinaryExpression(node) ? [...textsIn(node.left), ...textsIn(node.right)] : [];
}

/** Not of a machine: errors, the seams' defaults, what picks steps or looks at a machine. */
const NO_STATE =
  /Error$|^(Halted|KernelBug|NoMemory|NotInEra|SeamMisuse|GetPutPage|Program|Products|Tally|Called|EraReads|Orders)$/;

/** Fields of a class above that declares nothing itself: who extends it declares them. */
const FROM_ABOVE: Readonly<Record<string, readonly string[]>> = {
  Hearing: ['calls'],
  // what of it is state only now and then in the class above
  MainSock: ['highSeq', 'prrDelivered', 'prrOut', 'priorCwnd', 'rttvar', 'rto', 'tsRecent'],
};

/** What drives a machine, and what is made of a capture before there is one. */
const NO_MACHINE = /^(movers|stories|pickers)|^trace|^capture\/(carriers|events|stream-map)\.ts$/;

describe.each(['kernel', 'workloads', 'operations'])('classes of %s', (name) => {
  const root = join(import.meta.dirname, '../..', name, 'src');
  test('declare each of their fields once, and no other', () => {
    let classes = 0;
    for (const file of readdirSync(root, { recursive: true, encoding: 'utf8' })) {
      if (!file.endsWith('.ts') || NO_MACHINE.test(file)) continue;
      for (const { name: kind, fields, declared } of classesOf(join(root, file))) {
        if (NO_STATE.test(kind) || (fields.length === 0 && declared === null)) continue;
        const all = [...fields, ...(FROM_ABOVE[kind] ?? [])];
        expect((declared ?? []).toSorted(), `${file}, class ${kind}`).toEqual(all.toSorted());
        classes++;
      }
    }
    expect(classes).toBeGreaterThan(6);
  });
});

/** Runs at random, in which each machine is looked at closely. */
function runs(design: Design, look: (cell: Cell) => void): void {
  for (const workload of WORKLOADS) {
    const cell = new Cell({ design, workload: miniature(workload, 1), era, seed: 1 });
    const prng = new Prng(5);
    for (let n = 0; n < 100 && cell.k.agenda.earliest() >= 0; n++) {
      const { agenda } = cell.k;
      const armed = agenda.sources.filter((source) => agenda.isArmed(source.place));
      const source = armed[prng.below(armed.length)]!;
      const pairs: number[] = [];
      source.choices(pairs);
      const at = 2 * prng.below(pairs.length / 2);
      if (prng.below(3) === 0) cell.take(source.place, pairs[at]!, pairs[at + 1]!);
      else cell.clock();
      if (n % 10 === 9) look(cell);
    }
  }
}

test('nothing on any machine is without a declaration', () => {
  for (const design of [ian, rusty]) {
    const print = new MachineFingerprint();
    let looked = 0;
    runs(design, (cell) => {
      print.inspect(cell);
      looked++;
    });
    expect(looked).toBeGreaterThan(100);
  }
});

test('what is declared constant never changes', () => {
  const constants = new Map<object, ReadonlyMap<string, unknown>>();
  const changed = new Set<string>();
  let compared = 0;
  runs(rusty, (cell) => {
    for (const o of reachedFrom(cell.k)) {
      const fields = declaredOf(o.constructor)?.fields ?? new Map<string, string>();
      const now = new Map<string, unknown>();
      for (const [field, kind] of fields)
        if (kind === 'constant') now.set(field, Reflect.get(o, field));
      for (const [field, value] of constants.get(o) ?? []) {
        if (now.get(field) !== value) changed.add(`${o.constructor.name}.${field}`);
        compared++;
      }
      constants.set(o, now);
    }
  });
  expect([...changed]).toEqual([]);
  expect(compared).toBeGreaterThan(1000);
});

function reachedFrom(root: object): Set<object> {
  const seen = new Set<object>([root]);
  for (const o of seen) {
    if (ArrayBuffer.isView(o)) continue;
    const found = o instanceof Map ? [...o].flat() : o instanceof Set ? [...o] : Object.values(o);
    for (const v of found) if (typeof v === 'object' && v !== null) seen.add(v as object);
  }
  return seen;
}

test('a field that somebody forgot to declare stops the search', () => {
  const workload = miniature(workloadCalled('sendfile-locked')!, 1);
  const cell = new Cell({ design: ian, workload, era, seed: 1 });
  const sk = cell.k.holders.find((holder) => holder instanceof TcpSock)!;
  Reflect.set(sk, 'forgotten', 1);
  const print = new MachineFingerprint();
  expect(() => print.of(cell, 0)).toThrow(UndeclaredState);
  expect(() => print.of(cell, 0)).toThrow('forgotten of class TcpSock');
  expect(() => print.inspect(cell)).toThrow('forgotten of class TcpSock');
});

test('a search looks for one now and then, and who inspects looks each time', () => {
  const workload = miniature(workloadCalled('sendfile-locked')!, 1);
  const cell = new Cell({ design: ian, workload, era, seed: 1 });
  const print = new MachineFingerprint();
  for (let n = 0; n < 100; n++) print.of(cell, 0);
  Reflect.set(
    cell.k.holders.find((holder) => holder instanceof TcpSock)!,
    'forgotten',
    1,
  );
  expect(() => print.of(cell, 0)).not.toThrow();
  expect(() => print.inspect(cell)).toThrow(UndeclaredState);
});
