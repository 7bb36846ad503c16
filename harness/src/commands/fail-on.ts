// --fail-on: which findings make a command exit with 1.
import { HARMS, IN_THE_WORD, PROPERTIES, type Harm, type Property } from '@lastref/judge';
import { UsageError } from '@lastref/runner';

/** The properties and harms in `text`, separated by commas. Throws UsageError for any other word. */
export function failKinds(text: string | undefined): Set<string> {
  const known: readonly string[] = [...PROPERTIES, ...HARMS];
  const kinds = new Set(text?.split(',').map((s) => s.trim()) ?? []);
  for (const kind of kinds) {
    if (!known.includes(kind))
      throw new UsageError(
        `--fail-on takes properties and harms (${known.join(', ')}), not '${kind}'`,
      );
  }
  return kinds;
}

/** Is the finding one of these? What stands beside the word is so by its own name alone, whatever harm was done. */
export function isOf(
  kinds: ReadonlySet<string>,
  { property, harm }: { readonly property: Property; readonly harm: Harm },
): boolean {
  return kinds.has(property) || (IN_THE_WORD.includes(property) && kinds.has(harm));
}
