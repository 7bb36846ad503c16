// A patch under review beside a tree: which sites it touches, which hook it adds, and where else that hook is missing.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { UsageError } from '@lastref/runner';
import { HOOKS, HOOK_WORDS, type Hook } from './hooks.ts';
import { lacking, type Lacking } from './query.ts';
import type { Scan, Site } from './scan.ts';
import { chunksOf } from './source.ts';

interface Hunk {
  readonly file: string;
  /** Lines of the old file, from 1. */
  readonly line: number;
  /** The function that its heading names, or ''. */
  readonly heading: string;
  readonly before: readonly string[];
  readonly added: readonly string[];
  /** Lines of the old text at which something is added or taken away. */
  readonly changed: readonly number[];
}

export interface PatchReport {
  /** Functions that it changes, those that touch nothing included. */
  readonly changed: readonly {
    readonly file: string;
    readonly name: string;
    readonly site: Site | null;
  }[];
  /** Hooks that its added lines have and its removed lines have not. */
  readonly adds: readonly Hook[];
  readonly rows: readonly (Lacking & { readonly hook: Hook })[];
}

/** The hunks of a unified diff, a mail around it or not. */
export function parsePatch(text: string, name = 'the patch'): Hunk[] {
  const hunks: Hunk[] = [];
  let file = '';
  const lines = text.split(/\r?\n/); // a mail may have come by way of another system
  for (let i = 0; i < lines.length; i++) {
    const line = lines[i]!;
    const named = /^(?:---|\+\+\+) (?:[ab]\/)?(\S+)/.exec(line);
    if (named !== null && named[1] !== '/dev/null') file = named[1]!;
    const at = /^@@ -(\d+)(?:,(\d+))? \+(\d+)(?:,(\d+))? @@ ?(.*)$/.exec(line);
    if (at === null || file === '') continue;
    let old = Number(at[2] ?? 1);
    let young = Number(at[4] ?? 1);
    const before: string[] = [];
    const added: string[] = [];
    const changed: number[] = [];
    while ((old > 0 || young > 0) && i + 1 < lines.length) {
      const body = lines[++i]!;
      const rest = body.slice(1);
      if (body.startsWith('\\')) continue;
      if (body.startsWith('+')) {
        young--;
        added.push(rest);
        changed.push(before.length);
      } else if (body.startsWith('-')) {
        old--;
        changed.push(before.length);
        before.push(rest);
      } else {
        old--;
        young--;
        before.push(rest);
      }
    }
    const heading = /([A-Za-z_]\w*)\s*\([^()]*$|([A-Za-z_]\w*)\s*\(/.exec(at[5] ?? '');
    hunks.push({
      file,
      line: Number(at[1]),
      heading: heading?.[1] ?? heading?.[2] ?? '',
      before,
      added,
      changed,
    });
  }
  if (hunks.length === 0)
    throw new UsageError(
      `${name}: no hunk in it; a unified diff is wanted, as git format-patch writes it`,
    );
  return hunks;
}

/** Hooks whose words stand in the added lines. */
export function hooksAdded(hunks: readonly Hunk[]): Hook[] {
  const text = hunks.flatMap((h) => h.added).join('\n');
  return HOOKS.filter((hook) => {
    const { calls, text: words } = HOOK_WORDS[hook];
    const called = [...text.matchAll(/\b([A-Za-z_]\w*)\s*\(/g)].some((m) => calls.test(m[1]!));
    return called || words.test(text);
  });
}

/** The functions of `tree` that the hunks change: by their text, and where that is not found, by their heading. */
function functionsOf(tree: string, hunks: readonly Hunk[]): { file: string; name: string }[] {
  const found = new Map<string, { file: string; name: string }>();
  for (const hunk of hunks) {
    const path = join(tree, hunk.file);
    const names = existsSync(path) ? namesAt(readFileSync(path, 'utf8'), hunk) : [];
    const all = names.length > 0 || hunk.heading === '' ? names : [hunk.heading];
    for (const name of all) found.set(`${hunk.file}:${name}`, { file: hunk.file, name });
  }
  return [...found.values()];
}

function namesAt(text: string, hunk: Hunk): string[] {
  const at = placeOf(text.split('\n'), hunk);
  if (at === null) return [];
  const lines = hunk.changed.map((c) => at + c);
  return chunksOf(text)
    .filter((c) => lines.some((line) => line >= c.line && line <= c.endLine))
    .map((c) => c.name);
}

/** The line at which the text before the change stands, the nearest to where the hunk says; null: nowhere. */
function placeOf(lines: readonly string[], { before, line }: Hunk): number | null {
  const places = lines.flatMap((_, i) =>
    before.every((b, k) => lines[i + k] === b) ? [i + 1] : [],
  );
  return places.sort((a, b) => Math.abs(a - line) - Math.abs(b - line))[0] ?? null;
}

/** Asks `scan`, which was made of `tree` as it is before the patch. */
export function askPatch(scan: Pick<Scan, 'sites'>, tree: string, text: string): PatchReport {
  const hunks = parsePatch(text);
  const changed = functionsOf(tree, hunks).map((f) => ({
    ...f,
    site: scan.sites.find((s) => s.file === f.file && s.name === f.name) ?? null,
  }));
  const touched = new Set(changed.map((c) => `${c.file}:${c.name}`));
  const adds = hooksAdded(hunks);
  const [hook] = adds;
  const all =
    hook === undefined
      ? []
      : adds.flatMap((h) => lacking(scan.sites, h).map((row) => ({ ...row, hook: h })));
  return {
    changed,
    adds,
    rows: all.filter(({ site }) => !touched.has(`${site.file}:${site.name}`)),
  };
}
