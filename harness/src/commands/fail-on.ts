// --fail-on: which findings make a command exit with 1.
import { HARMS, PROPERTIES } from '@lastref/judge';
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
