// The `stack` of an error, as a candidate may read it: its own lines. From which function of ours a hook was called, and how
// deep below, is another thing in a search than in a run by the clock, and no state of either.

/** How all others are called that stand between two of its own. */
const OURS = '    at lastref';

let own = '';

/** From here on nobody's lines are shown but those of the script that is called so. */
export function showsFramesOf(name: string): void {
  own = name;
}

/** Of `frames`, from the innermost one on, those of the script called `name`, and what of the language they called. */
export function shownFrames(frames: readonly string[], name: string): string[] {
  const isOwn = (frame: string): boolean => {
    const place = frame.endsWith(')') ? frame.slice(frame.lastIndexOf('(') + 1, -1) : frame;
    return place.startsWith(`${name}:`);
  };
  const shown: string[] = [];
  let calledByOwn = false;
  for (const frame of frames.toReversed()) {
    const language = frame.endsWith('(<anonymous>)');
    if (!language) calledByOwn = isOwn(frame);
    const line = calledByOwn ? `    at ${frame}` : OURS;
    if (line !== OURS || shown.at(-1) !== OURS) shown.push(line);
  }
  return shown.reverse();
}

/** Before all is frozen. */
export function keepFrames(): void {
  Error.prepareStackTrace = (error, sites) => {
    // oxlint-disable-next-line typescript/no-base-to-string -- V8's own, with its place
    const frames = sites.map((site) => site.toString());
    return [String(error), ...shownFrames(frames, own)].join('\n');
  };
}
