import { loadCandidate } from '../candidate.ts';
import { absolute } from '../registry.ts';
import { diff } from '../diff.ts';
import { replay } from '../replay.ts';
import { decodeToken } from '../token.ts';
import { writeTrace } from '../trace/write.ts';
import { diffLines, storyLines } from './story.ts';

interface ReplayFlags {
  readonly until?: number | undefined;
  readonly all?: true | undefined;
  readonly capture?: string | undefined;
  readonly trace?: string | undefined;
  readonly diff?: string | undefined;
  readonly with: string[];
  readonly json?: true | undefined;
}

export async function replayCommand(text: string, flags: ReplayFlags): Promise<void> {
  const token = decodeToken(text);
  const extra = await Promise.all(flags.with.map((f) => loadCandidate(absolute(f))));
  const capture = flags.capture === undefined ? undefined : absolute(flags.capture);
  const options = { until: flags.until, capture, extra };
  if (flags.diff !== undefined) {
    const doc = await diff(token, flags.diff, options);
    const text = flags.json === true ? JSON.stringify(doc) : diffLines(doc).join('\n');
    process.stdout.write(`${text}\n`);
    return;
  }
  const played = await replay(token, options);
  const { doc } = played;
  const files =
    flags.trace === undefined
      ? []
      : writeTrace(absolute(flags.trace), played.input, token.trace, played.loan);
  if (flags.json === true) {
    process.stdout.write(`${JSON.stringify(doc)}\n`);
    return;
  }
  const out: string[] = [
    `${doc.design} on ${doc.workload}, era ${doc.era}, seed ${doc.seed}: ${doc.steps.length} steps`,
  ];
  if (!doc.same) {
    out.push(
      `This token was made by another version of the machine: its state ended as ${token.check}, here as ${doc.digest.slice(0, 8)}. What follows is what this version does.`,
    );
  }
  out.push(...storyLines(played, flags.all === true));
  if (files.length > 0) out.push(`Written to ${flags.trace}: ${files.join(', ')}`);
  process.stdout.write(`${out.join('\n')}\n`);
}
