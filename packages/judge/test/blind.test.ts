// The judge is blind: it reads no reference count and no slot that a design writes. Shown twice: by objects that
// throw when a judge looks, and by the types of everything its source names.
import { fileURLToPath } from 'node:url';
import type { HolderVisitor, Kernel, Slab } from '@lastref/kernel';
import { WORKLOADS } from '@lastref/workloads';
import ts from 'typescript';
import { describe, expect, test } from 'vitest';
import { Judge } from '../src/index.ts';
import { allDesigns, runByClock } from './machine.ts';
import { sample } from '../../../scripts/tier.ts';

/** What the judge must not read, by the class of the machine that has it. */
const FORBIDDEN: Readonly<Record<string, readonly string[]>> = {
  Page: ['count', 'ppRefs', 'loan'],
  SkbSharedInfo: ['dataref', 'loan'],
  SkBuff: ['users', 'fcloneRef', 'loan'],
  SkbFrag: ['loan'],
  Loan: ['refs'],
};

/** Knows whether a method of the judge is running. */
class Guard {
  depth = 0;
  calls = 0;

  /** Wraps every method that `judge` has or inherits from a class. */
  watch(judge: Judge): void {
    let proto = Object.getPrototypeOf(judge) as object;
    const names = new Set<string>();
    for (; proto !== Object.prototype; proto = Object.getPrototypeOf(proto) as object) {
      for (const [name, d] of Object.entries(Object.getOwnPropertyDescriptors(proto))) {
        if (typeof d.value === 'function' && name !== 'constructor') names.add(name);
      }
    }
    for (const name of names) {
      const method = Reflect.get(judge, name) as (...args: unknown[]) => unknown;
      const value = (...args: unknown[]): unknown => {
        this.depth++;
        this.calls++;
        try {
          return method.apply(judge, args);
        } finally {
          this.depth--;
        }
      };
      Object.defineProperty(judge, name, { value });
    }
  }

  /** From now on, what these slabs hand out throws when the judge looks at a forbidden field. */
  arm(k: Kernel): void {
    const done = new Set<object>();
    const trap = (object: object, className: string): void => {
      if (done.has(object)) return;
      done.add(object);
      for (const field of FORBIDDEN[className]!) this.#trapField(object, className, field);
    };
    const each = <T extends { slot: number; gen: number; live: boolean }>(
      slab: Slab<T>,
      look: (object: T) => void,
    ): void => {
      const alloc = slab.alloc.bind(slab);
      slab.alloc = () => {
        const object = alloc();
        look(object);
        return object;
      };
    };
    each(k.pages, (page) => trap(page, 'Page'));
    each(k.loans, (loan) => trap(loan, 'Loan'));
    each(k.skbs, (skb) => trap(skb, 'SkBuff'));
    each(k.fclones, (skb) => {
      trap(skb, 'SkBuff');
      trap(skb.pair!, 'SkBuff');
    });
    each(k.shinfos, (shinfo) => {
      trap(shinfo, 'SkbSharedInfo');
      for (const frag of shinfo.frags) trap(frag, 'SkbFrag');
    });
  }

  #trapField(object: object, className: string, field: string): void {
    let value: unknown = Reflect.get(object, field);
    Object.defineProperty(object, field, {
      configurable: true,
      enumerable: true,
      get: () => {
        if (this.depth > 0) throw new Error(`the judge reads ${className}.${field}`);
        return value;
      },
      set: (v: unknown) => {
        value = v;
      },
    });
  }
}

const designs = await allDesigns();
const TOUR = ['nfs-odirect', 'bulk-loss', 'loopback-slow-reader', 'tap-slow-reader', 'no-sg'];
const workloads = WORKLOADS.filter((w) => TOUR.includes(w.id));

describe('on machines that throw when a judge looks at a count or a slot', () => {
  test.each(sample(designs, 12))('it judges $id as ever', (design) => {
    for (const workload of sample(workloads, 5, designs.indexOf(design))) {
      const guard = new Guard();
      const judge = new Judge();
      guard.watch(judge);
      const judgement = runByClock(design, workload, judge, (k) => guard.arm(k));
      expect(guard.calls).toBeGreaterThan(50);
      expect(judgement).toEqual(runByClock(design, workload, new Judge()));
    }
  });

  type Lent = Parameters<Judge['lent']>;
  type Skb = Parameters<HolderVisitor['skb']>;

  /** A judge that peeks when something is lent. */
  function atLending(peek: (loan: Lent[0], page: Lent[1]) => unknown): Judge {
    return new (class extends Judge {
      override lent(...args: Lent): void {
        peek(args[0], args[1]);
        super.lent(...args);
      }
    })();
  }

  /** A judge that peeks when a walk comes to a packet. */
  function atWalking(peek: (skb: Skb[0]) => unknown): Judge {
    const judge = new Judge();
    const { walk } = judge.evidence;
    const look = walk.skb.bind(walk);
    walk.skb = (...args: Skb): void => {
      peek(args[0]);
      look(...args);
    };
    return judge;
  }

  const SABOTAGE: Readonly<Record<string, () => Judge>> = {
    'Page.count': () => atLending((_, page) => page.count),
    'Page.ppRefs': () => atLending((_, page) => page.ppRefs),
    'Page.loan': () => atLending((_, page) => page.loan),
    'Loan.refs': () => atLending((loan) => loan.refs),
    'SkBuff.users': () => atWalking((skb) => skb.users),
    'SkBuff.fcloneRef': () => atWalking((skb) => skb.fcloneRef),
    'SkBuff.loan': () => atWalking((skb) => skb.loan),
    'SkbSharedInfo.dataref': () => atWalking((skb) => skb.shinfo.dataref),
    'SkbSharedInfo.loan': () => atWalking((skb) => skb.shinfo.loan),
    'SkbFrag.loan': () => atWalking((skb) => skb.shinfo.frags[0]!.loan),
  };

  test('every forbidden field has its sabotage', () => {
    const fields = Object.entries(FORBIDDEN).flatMap(([c, fs]) => fs.map((f) => `${c}.${f}`));
    expect(Object.keys(SABOTAGE).sort()).toEqual(fields.sort());
  });

  test.each(Object.entries(SABOTAGE))('a judge that reads %s is caught', (field, sabotaged) => {
    const guard = new Guard();
    const judge = sabotaged();
    guard.watch(judge);
    const design = designs.find((d) => d.id === 'ian-frag-destructor')!;
    const run = () => runByClock(design, workloads[0]!, judge, (k) => guard.arm(k));
    expect(run).toThrow(`the judge reads ${field}`);
  });
});

describe('in its source', () => {
  const root = fileURLToPath(new URL('..', import.meta.url));
  const config = ts.getParsedCommandLineOfConfigFile(
    `${root}tsconfig.json`,
    {},
    { ...ts.sys, onUnRecoverableConfigFileDiagnostic: () => {} },
  )!;

  /** 'file:line Class.field' for everything forbidden that `files` name; `extra` adds files by content. */
  function trespasses(files: readonly string[], extra: ReadonlyMap<string, string>): string[] {
    const options = { ...config.options, noEmit: true, composite: false, incremental: false };
    const disk = ts.createCompilerHost(options);
    const host: ts.CompilerHost = {
      ...disk,
      fileExists: (file) => extra.has(file) || disk.fileExists(file),
      readFile: (file) => extra.get(file) ?? disk.readFile(file),
      getSourceFile: (file, language, ...rest) => {
        const text = extra.get(file);
        return text === undefined
          ? disk.getSourceFile(file, language, ...rest)
          : ts.createSourceFile(file, text, language, true);
      },
    };
    const program = ts.createProgram([...files, ...extra.keys()], options, host);
    const checker = program.getTypeChecker();
    const found: string[] = [];
    const note = (node: ts.Node, of: ts.Type, field: string): void => {
      const declaration = of.getProperty(field)?.valueDeclaration;
      if (declaration === undefined || !ts.isClassLike(declaration.parent)) return;
      const owner = declaration.parent.name?.text ?? '';
      if (FORBIDDEN[owner]?.includes(field) !== true) return;
      if (!declaration.getSourceFile().fileName.includes('/kernel/')) return;
      const source = node.getSourceFile();
      const line = source.getLineAndCharacterOfPosition(node.getStart()).line + 1;
      found.push(`${source.fileName.slice(root.length)}:${line} ${owner}.${field}`);
    };
    const visit = (node: ts.Node): void => {
      if (ts.isPropertyAccessExpression(node)) {
        note(node, checker.getTypeAtLocation(node.expression), node.name.text);
      } else if (
        ts.isElementAccessExpression(node) &&
        ts.isStringLiteral(node.argumentExpression)
      ) {
        note(node, checker.getTypeAtLocation(node.expression), node.argumentExpression.text);
      } else if (ts.isObjectBindingPattern(node)) {
        for (const element of node.elements) {
          const name = element.propertyName ?? element.name;
          if (ts.isIdentifier(name)) note(element, checker.getTypeAtLocation(node), name.text);
        }
      }
      ts.forEachChild(node, visit);
    };
    for (const file of [...files, ...extra.keys()]) visit(program.getSourceFile(file)!);
    return found;
  }

  test('no expression names a count or a slot', () => {
    expect(config.fileNames.length).toBeGreaterThan(3);
    expect(trespasses(config.fileNames, new Map())).toEqual([]);
  });

  test('one that did would be found, however it is written', () => {
    const text = [
      "import type { Loan, Page, SkBuff } from '@lastref/kernel';",
      'export const a = (skb: SkBuff): number => skb.shinfo.dataref;',
      'export const b = ({ users }: SkBuff): number => users;',
      "export const c = (page: Page): number => page['count'];",
      'export const d = (loan: Loan): number => { const { refs: n } = loan; return n; };',
      'export const e = (skb: SkBuff): Loan | null => skb.shinfo.frags[0]!.loan;',
      'export const fine = (finding: { count: number; loan: number }): number => finding.count + finding.loan;',
    ].join('\n');
    const file = `${root}src/peeks.ts`;
    expect(trespasses([], new Map([[file, text]]))).toEqual([
      'src/peeks.ts:2 SkbSharedInfo.dataref',
      'src/peeks.ts:3 SkBuff.users',
      'src/peeks.ts:4 Page.count',
      'src/peeks.ts:5 Loan.refs',
      'src/peeks.ts:6 SkbFrag.loan',
    ]);
  });
});
