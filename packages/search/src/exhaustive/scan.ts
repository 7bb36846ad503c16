// Which objects hold something else than they did? Asked after every step, of every object that is there from the start
// on, so it is one piece of straight-line code over these very objects, and what they held stands in one flat list.
import type { Known } from './layout.ts';

/** Objects that one function looks at: code that is too long is not made fast. */
const AT_ONCE = 24;

type Look = (values: readonly unknown[], changed: number[]) => void;

export class Scan {
  private readonly objects: readonly Known[];
  /** Where what each object holds begins in `values`. */
  private readonly at: number[] = [];
  private readonly values: unknown[] = [];
  private readonly looks: Look[] = [];
  private readonly changed: number[] = [];

  /** Each holds what its block says. */
  constructor(objects: readonly Known[]) {
    this.objects = objects;
    for (const { layout, block } of objects) {
      this.at.push(this.values.length);
      if (layout.flat === null) this.values.push(block);
      else layout.flat.forEach((_, i) => this.values.push(block![i]));
    }
    for (let i = 0; i < objects.length; i += AT_ONCE) this.looks.push(this.look(i));
  }

  /** Object `i` holds `block` now. */
  holds(i: number, block: readonly unknown[]): void {
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
    for (let i = 0; i < looks.length; i++) looks[i]!(values, changed);
    return changed;
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
