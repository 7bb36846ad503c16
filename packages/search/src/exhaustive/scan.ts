// Which objects hold something else than they did? Asked after every step, of every object that is there from the start
// on. Who asks often is answered by one piece of straight-line code over these very objects, and what they held stands in one flat
// list; before, each object is compared with its block, by the code of its class.
import type { Block, Known } from './layout.ts';

/** Objects that one function looks at: code that is too long is not made fast. */
const AT_ONCE = 24;
/** So many times it is asked before code for these very objects is written. */
const PATIENCE = 512;

type Look = (values: readonly unknown[], changed: number[]) => void;

export class Scan {
  private readonly objects: readonly Known[];
  private readonly blocks: Block[];
  /** Where what each object holds begins in `values`. */
  private readonly at: number[] = [];
  private readonly values: unknown[] = [];
  private looks: Look[] | null = null;
  private asked = 0;
  private readonly changed: number[] = [];

  /** Each holds what its block says. */
  constructor(objects: readonly Known[]) {
    this.objects = objects;
    this.blocks = objects.map(({ block }) => block!);
  }

  /** Object `i` holds `block` now. */
  holds(i: number, block: Block): void {
    this.blocks[i] = block;
    if (this.looks === null) return;
    const { values } = this;
    const { flat } = this.objects[i]!.layout;
    const at = this.at[i]!;
    if (flat === null) values[at] = block;
    else for (let f = 0; f < flat.length; f++) values[at + f] = block[f];
  }

  /** Numbers of the objects that hold something else; valid until the next call. */
  find(): readonly number[] {
    const { changed, values, looks } = this;
    changed.length = 0;
    if (looks === null) this.findByClass();
    else for (let i = 0; i < looks.length; i++) looks[i]!(values, changed);
    return changed;
  }

  private findByClass(): void {
    const { objects, blocks, changed } = this;
    if (++this.asked === PATIENCE) this.write();
    for (let i = 0; i < objects.length; i++) {
      const { o, layout } = objects[i]!;
      if (layout.differs(o, blocks[i]!)) changed.push(i);
    }
  }

  private write(): void {
    const { objects, blocks, values } = this;
    objects.forEach(({ layout: { flat } }, i) => {
      const block = blocks[i]!;
      this.at.push(values.length);
      if (flat === null) values.push(block);
      else flat.forEach((_, f) => values.push(block[f]));
    });
    const looks: Look[] = [];
    for (let i = 0; i < objects.length; i += AT_ONCE) looks.push(this.look(i));
    this.looks = looks;
  }

  private look(from: number): Look {
    const objects = this.objects.slice(from, from + AT_ONCE);
    const lines = objects.map(({ layout }, i) => {
      const at = this.at[from + i]!;
      const differs =
        layout.flat === null
          ? [`differs${i}(o${i}, values[${at}])`]
          : layout.flat.map((name, f) => `o${i}[${JSON.stringify(name)}] !== values[${at + f}]`);
      return `if (${differs.join(' || ')}) changed.push(${from + i});`;
    });
    const names = objects.map(
      (_, i) => `const o${i} = all[${i}].o, differs${i} = all[${i}].layout.differs;`,
    );
    const text = `${names.join('\n')}
    return (values, changed) => { ${lines.join('\n')} };`;
    // oxlint-disable-next-line typescript/no-implied-eval
    return new Function('all', text)(objects) as Look;
  }
}
