// Straight-line code for each class, from what the class declares, and for each kind of array.
import { DEAD, type Keeper, type Layout } from './layout.ts';

/** What a class has beside its fields: a test before it is looked at, something more to keep, and to put back. */
export interface More {
  readonly lives: boolean;
  /** Nothing that stands in it counts while nobody has it. */
  readonly dies: boolean;
  readonly keep: string;
  readonly meet: string;
  readonly restore: string;
}

export const FIELDS: More = { lives: false, dies: false, keep: '', meet: '', restore: '' };
export const LIVES: More = { ...FIELDS, lives: true, dies: true };
/** The first of a pair that was freed still counts for the other one. @kernel net/core/skbuff.c kfree_skbmem */
export const SKB: More = { ...FIELDS, lives: true };
export const PAGE: More = {
  ...LIVES,
  keep: 'keeper.frames.keepPage(o, before)',
  restore: 'frames.restorePage(o, more);',
};
/** The entries behind the last one keep what an earlier life left there. */
export const SHINFO: More = {
  ...LIVES,
  keep: 'keeper.frames.keepHead(o, before)',
  meet: 'for (let i = 0; i < o.nrFrags; i++) keeper.meet(keeper.known(o.frags[i]));',
  restore: 'frames.restoreHead(o, more);',
};
export const SHADOWS: More = {
  ...FIELDS,
  keep: 'keeper.frames.keepShadows(o, before)',
  restore: 'frames.restoreShadows(o, more);',
};

/** Below a field that never changes a record is a setting, and a list of texts says how something is called. */
function below(v: unknown, keeper: Keeper): void {
  if (typeof v !== 'object' || v === null) return;
  if (Object.getPrototypeOf(v) === Object.prototype) return;
  if (Array.isArray(v) && v.length > 0 && v.every((one) => typeof one === 'string')) return;
  keeper.meet(keeper.known(v));
}

/** One for all machines, as it knows none: code for each class is written once. A loop over names is ten times slower. */
export function compiled(
  changing: readonly string[],
  constant: readonly string[],
  more: More,
): Layout {
  const fields = changing.map((name) => `o[${JSON.stringify(name)}]`);
  const n = fields.length;
  const each = (line: (field: string, i: number) => string): string => fields.map(line).join('\n');
  const values = [...fields.map((_, i) => `v${i}`), ...(more.keep === '' ? [] : ['more'])];
  const differs = fields.map((field, i) => `${field} !== block[${i}]`).join(' || ') || 'false';
  const same = values.map((v, i) => ` && block[${i}] === ${v}`).join('');
  const meet = (v: string, nth: number): string =>
    `if (typeof ${v} === 'object' && ${v} !== null) {
      let one = sites[${nth}];
      if (one === undefined || one.o !== ${v}) one = sites[${nth}] = keeper.known(${v});
      if (one.look < look) keeper.meet(one);
    }`;
  const text = `return {
    comesAndGoes: ${more.lives},
    flat: names,
    differs(o, block) {
      return ${differs};
    },
    keep(o, block, keeper, sites) {
      const { look } = keeper;
      ${more.dies ? 'if (!o.live) return DEAD;' : ''}
      const old = block !== null && block !== DEAD;
      ${each((field, i) => `const v${i} = ${field}; ${meet(`v${i}`, i)}`)}
      ${more.keep === '' ? '' : `const before = old ? block[${n}] : null; const more = ${more.keep};`}
      ${more.meet}
      if (old${same}) return block;
      return [${values.join(', ')}];
    },
    meetConstants(o, keeper) {
      ${constant.map((name) => `below(o[${JSON.stringify(name)}], keeper);`).join('\n')}
    },
    restore(o, block, frames) {
      ${more.dies ? 'if (block === DEAD) { o.live = false; return; }' : ''}
      ${each((field, i) => `${field} = block[${i}];`)}
      ${more.restore === '' ? '' : `const more = block[${n}]; ${more.restore}`}
    },
  };`;
  // oxlint-disable-next-line typescript/no-implied-eval
  return new Function('names', 'DEAD', 'below', text)(changing, DEAD, below) as Layout;
}

const byNumbers = new Map<unknown, Layout>();

/** One for each kind of array: code that sees several is slow. */
export function numbersLayout({ constructor }: object): Layout {
  let layout = byNumbers.get(constructor);
  if (layout === undefined) {
    const differ = constructor.name.startsWith('Float')
      ? '!Object.is(block[i], o[i])' // 0 with a sign among them
      : 'block[i] !== o[i]';
    const text = `return {
      comesAndGoes: false,
      flat: null,
      differs(o, block) {
        for (let i = 0; i < o.length; i++) if (${differ}) return true;
        return false;
      },
      keep(o, block) {
        let same = block !== null;
        for (let i = 0; same && i < o.length; i++) if (${differ}) same = false;
        return same ? block : Array.from(o);
      },
      meetConstants() {},
      restore(o, block) {
        for (let i = 0; i < block.length; i++) o[i] = block[i];
      },
    };`;
    // oxlint-disable-next-line typescript/no-implied-eval
    layout = new Function(text)() as Layout;
    byNumbers.set(constructor, layout);
  }
  return layout;
}
