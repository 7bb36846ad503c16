// Kernels have names, not numbers. The trunk's releases are one line (2.6.24 … 3.19, 4.0 … 7.2); off it grow stable
// branches, and off those the branches of vendors. What is fixed today comes to each branch in a release of that
// branch, so a change lists its first release for each, and releases of two branches are never compared.

/** A place on a branch: its name, and how many point releases it has had. */
export interface Branch {
  /** `6.1` for stable 6.1.y, `debian-6.12` for what Debian ships of it. */
  readonly name: string;
  readonly point: number;
}

/** One kernel tree: a release of the trunk, or something that grew on one. */
export interface Tree {
  /** `3.8`, `5.10.223`, `debian-6.12.117`. */
  readonly id: string;
  /** The release of the trunk that it grew from: `6.12`. */
  readonly mainline: string;
  /** What was put on that, in this order: a stable branch, then a vendor's. */
  readonly branches: readonly Branch[];
  /** A change that it has ahead of its time: to see what that alone makes different. */
  readonly ahead?: Change;
  /** A change that it has not, though its release has: to see what that alone makes different. */
  readonly without?: Change;
}

/** Something that kernels do differently from some release on. */
export interface Change {
  /** First release of the trunk that has it; null: none yet. */
  readonly mainline: string | null;
  /** First release that has it, of each branch that got it otherwise: `6.1.174`, `debian-6.12.115`. */
  readonly backports: readonly string[];
}

/** First release for each branch, the trunk as `mainline`. */
export type ByBranch = Readonly<Record<string, string>>;

const NAME = /^(?:(?<vendor>[a-z]+)-)?(?<mainline>2\.6\.\d+|[3-9]\.\d+)(?:\.(?<point>\d+))?$/;
/** Number of the last minor release of each series of the trunk. */
const LAST_MINOR: Readonly<Record<number, number>> = { 3: 19, 4: 20, 5: 19, 6: 19 };

/** The tree called `name`; throws on what is no name of one. */
export function treeOf(name: string): Tree {
  const { vendor, mainline, point } = NAME.exec(name)?.groups ?? {};
  const wrong = mainline === undefined || (vendor !== undefined && point === undefined);
  if (wrong || outOfSeries(mainline)) {
    throw new RangeError(
      `'${name}' names no kernel tree; a name is like 2.6.24, 6.1, 5.10.223 or debian-6.12.117`,
    );
  }
  if (point === undefined) return { id: name, mainline, branches: [] };
  const stable: Branch = { name: mainline, point: Number(point) };
  const branches =
    vendor === undefined ? [stable] : [stable, { ...stable, name: `${vendor}-${mainline}` }];
  return { id: name, mainline, branches };
}

function outOfSeries(mainline: string): boolean {
  const [major = 0, minor = 0] = mainline.split('.').map(Number);
  return minor > (LAST_MINOR[major] ?? Infinity);
}

/** Is release `a` of the trunk older than release `b` of it? */
export function isBefore(a: string, b: string): boolean {
  return trunkNumber(a) < trunkNumber(b);
}

function trunkNumber(release: string): number {
  const { mainline, branches } = treeOf(release);
  if (branches.length > 0) throw new RangeError(`${release} is no release of the trunk`);
  const [a = 0, b = 0, c = 0] = mainline.split('.').map(Number);
  return a * 1_000_000 + b * 1_000 + c;
}

/** Does `tree` have `change`? From its release of the trunk, or from a branch that it is on. */
export function hasChange(tree: Tree, change: Change): boolean {
  if (tree.ahead === change) return true;
  if (tree.without === change) return false;
  const { mainline, backports } = change;
  if (mainline !== null && !isBefore(tree.mainline, mainline)) return true;
  return backports.some((release) => {
    const { name, point } = tip(release);
    return tree.branches.some((b) => b.name === name && b.point >= point);
  });
}

/** The outermost branch of a release that is not the trunk's. */
function tip(release: string): Branch {
  const branch = treeOf(release).branches.at(-1);
  if (branch === undefined) throw new RangeError(`${release} is on no branch`);
  return branch;
}

/** First release of `change` for each branch. */
export function byBranch({ mainline, backports }: Change): ByBranch {
  return {
    ...(mainline === null ? {} : { mainline }),
    ...Object.fromEntries(backports.map((release) => [tip(release).name, release])),
  };
}

/** A change, or the release of the trunk that brought it. */
export type Since = string | Change;

export function changeAt(since: Since): Change {
  return typeof since === 'string' ? { mainline: since, backports: [] } : since;
}

/** What was there from one change on, until another one took it away; null: from the first commit on, still there. */
export interface Span {
  readonly since: Since | null;
  /** The change that ended it: the first release *without* it. */
  readonly until: Since | null;
  /** In between it was taken back for a while: by the first of these, until the second. */
  readonly gap?: readonly [Since, Since];
}

/** A function of the kernel, and from when to when it is there. */
export interface NamedSpan extends Span {
  /** The kernel's name. */
  readonly id: string;
}

/** Why `tree` cannot play what needs all of `functions`; null: it can. */
export function lackOf(tree: Tree, functions: readonly NamedSpan[]): string | null {
  const missing = functions.find((f) => !inSpan(tree, f));
  return missing === undefined ? null : `${missing.id} ${spanText(missing)}`;
}

export function inSpan(tree: Tree, { since, until, gap }: Span): boolean {
  if (since !== null && !hasChange(tree, changeAt(since))) return false;
  if (gap !== undefined && inSpan(tree, { since: gap[0], until: gap[1] })) return false;
  return until === null || !hasChange(tree, changeAt(until));
}

/** In words, as the end of a sentence about something: `is there from 2.6.17 on, and gone in 6.5`. */
export function spanText({ since, until, gap }: Span): string {
  const from = since === null ? '' : `is there from ${sinceText(since)} on`;
  const to = until === null ? '' : `${since === null ? 'is' : ', and'} gone in ${sinceText(until)}`;
  return `${from}${to}${gapText(gap)}`;
}

/** `, but not from 4.2 until 5.3`, or nothing. */
export function gapText(gap: Span['gap']): string {
  return gap === undefined ? '' : `, but not from ${sinceText(gap[0])} until ${sinceText(gap[1])}`;
}

/** By branch, in words: `3.9`, or `7.1 (6.1.174, 6.12.90)`. */
export function sinceText(since: Since): string {
  const { mainline, backports } = changeAt(since);
  if (mainline === null) return backports.length === 0 ? 'in no kernel' : backports.join(', ');
  return backports.length === 0 ? mainline : `${mainline} (${backports.join(', ')})`;
}
