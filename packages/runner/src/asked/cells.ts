// Which findings somebody asked for, as they are typed: kinds, and cells whose findings are known.
import { existsSync } from 'node:fs';
import { relative } from 'node:path';
import {
  exclusionOf,
  kindsOf,
  type Exclusion,
  type Finds,
  type JudgedCell,
} from '@lastref/report/ci';
import type { Source } from '../candidates/source.ts';
import { UsageError } from '../errors.ts';
import { ROOT, near } from '../registry.ts';

/** The kinds in `text`, separated by commas. Throws UsageError for any other word. */
export function kindsAsked(text: string, finds: Finds): Set<string> {
  const known = kindsOf(finds, true);
  const kinds = new Set(text.split(',').map((s) => s.trim()));
  for (const kind of kinds) {
    if (!known.includes(kind))
      throw new UsageError(
        `--fail-on takes ${finds.properties ? `properties and harms (${known.join(', ')})` : known.join(', ')}, not '${kind}'`,
      );
  }
  return kinds;
}

function excluded(text: string, finds: Finds): Exclusion {
  const exclusion = exclusionOf(text);
  if (exclusion === null) throw new UsageError(`--exclude takes ${finds.cells}, not '${text}'`);
  const { property } = exclusion;
  const known = kindsOf(finds, false);
  if (property !== '*' && !known.includes(property))
    throw new UsageError(`--exclude ${text}: no property '${property}'; ${near(property, known)}`);
  return exclusion;
}

/** Those in `text`, separated by commas. Throws UsageError for what is none. */
export function exclusionsAsked(text: string, finds: Finds): Exclusion[] {
  return text
    .split(',')
    .filter((one) => one.trim() !== '')
    .map((one) => excluded(one.trim(), finds));
}

/** An exclusion of what was not judged is a slip of the pen, or older than a rename: a line for each. */
export function withoutCell(
  exclusions: readonly Exclusion[],
  cells: readonly JudgedCell[],
): string[] {
  const designs = [...new Set(cells.map((c) => c.design))];
  const all = [...new Set(cells.map((c) => c.on))];
  return exclusions.flatMap(({ text, design, on }) => {
    const wrong =
      design !== '*' && !designs.includes(design)
        ? `'${design}'; ${near(design, designs)}`
        : on !== '*' && !all.includes(on)
          ? `'${on}'; ${near(on, all)}`
          : null;
    return wrong === null ? [] : [`--exclude ${text}: nothing here is ${wrong}`];
  });
}

/** Of a candidate the file that brought it, whatever that is called; of ours where it lies in the repository. */
export function fileOf(design: string, candidates: readonly Source[]): string {
  const brought = candidates.find(({ name }) => name === design);
  const own = `strategies/${design}.ts`;
  const path = brought === undefined ? null : relative(process.cwd(), brought.file);
  if (path !== null) return encodeURI(path.replaceAll('\\', '/'));
  return existsSync(`${ROOT}${own}`) ? own : 'strategies';
}
