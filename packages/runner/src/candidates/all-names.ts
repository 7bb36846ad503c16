// What a module declares at its top, beside what it exports.
import { tellApart } from '@lastref/search';

/** The export in which it stands; module-names.ts writes it. */
export const ALL = '$all';

/** The exports of `module` alone; searches tell its constants apart from here on. */
export function exportsOf(module: object): object {
  const { [ALL]: all = [], ...own } = module as { readonly [ALL]?: readonly unknown[] };
  tellApart(all);
  return own;
}
