// The design that a flag names, and the hooks that its class implements: what those ask who look at functions of a kernel.
import { overridden, type Hook } from '@lastref/mutants';
import { find, isForeign, type DesignFile } from '@lastref/runner';
import { hooksOf, knownDesigns, type Bringing } from '@lastref/runner/known';
import { house } from '../house.ts';

/** Of what there is and `--with` brings, designs alone. Throws UsageError for any fault. */
export async function hooksCalled(
  id: string,
  flags: Bringing,
): Promise<{ readonly file: DesignFile; readonly hooks: readonly Hook[] }> {
  const { all } = await knownDesigns(house, flags);
  const file = find('design', all, (d) => d.design.id, id);
  return { file, hooks: isForeign(file) ? await hooksOf(file) : overridden(file.design) };
}
