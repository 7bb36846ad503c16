// What `lastref recording` prints: of each page who could read it, who had it last, what was told, and what designs would say.
import type { RecordedBuffer, RecordedDesign, RecordingDocument } from './recording-document.ts';
import type { Paint } from './tables.ts';
import { duration, many, printable } from './words.ts';

type HolderSeen = RecordedBuffer['atEnd'][number];

/** Pages with the same story are told once. */
interface Group {
  readonly first: RecordedBuffer;
  readonly pages: readonly string[];
}

export function recordingText(doc: RecordingDocument, paint: Paint): string {
  const { file, tool, events, lines, seconds } = doc;
  const out = [
    `${printable(file)}: ${many(events, 'event')} of ${tool} in ${many(lines, 'line')}, ${seconds} s; ${many(doc.buffers.length, 'page')}`,
    ...unreadLines(doc),
  ];
  if (doc.notJudged !== null) out.push(paint.yellow(`not judged: ${doc.notJudged}`));
  for (const group of groupsOf(doc.buffers)) out.push('', ...groupLines(group, doc, paint));
  return `${out.join('\n')}\n`;
}

function unreadLines({ unread }: RecordingDocument): string[] {
  if (unread.count === 0) return [];
  const shown = unread.first.map((u) => `  line ${u.line}: ${u.why}: ${printable(u.text)}`);
  return [`${many(unread.count, 'line')} not understood:`, ...shown];
}

/** Pages that went through the same functions into the same hands. */
function groupsOf(buffers: readonly RecordedBuffer[]): Group[] {
  const by = new Map<string, { first: RecordedBuffer; pages: string[] }>();
  for (const b of buffers) {
    const steps = b.steps.map(
      (s) => `${s.text} ${s.holders.map((h) => `${h.where} ${h.packets}`).join()}`,
    );
    const key = JSON.stringify([
      steps,
      b.lent,
      b.kernel.says,
      b.designs.map((d) => [d.design, d.says]),
    ]);
    const group = by.get(key);
    if (group === undefined) by.set(key, { first: b, pages: [b.page] });
    else group.pages.push(b.page);
  }
  return [...by.values()];
}

function groupLines({ first: b, pages }: Group, doc: RecordingDocument, paint: Paint): string[] {
  const name =
    pages.length === 1
      ? `page ${pages[0]}`
      : `page ${pages[0]}, and ${pages.length - 1} more with the same story`;
  const out = [paint.bold(name)];
  for (const s of b.steps) {
    const marks = s.marks
      .map((m) => ({ lent: 'lent; ', completed: 'its owner is told; ', read: 'read; ' })[m])
      .join('');
    const who = s.holders
      .map((h) => (h.packets > 1 ? `${h.where} ${h.packets}` : h.where))
      .join(', ');
    out.push(
      `${String(s.line).padStart(6)}  ${duration(s.tick).padStart(8)}  ${printable(s.text)}: ${marks}readable from ${who === '' ? 'nowhere' : `: ${who}`.slice(2)}`,
    );
  }
  out.push(endLine(b, doc, paint), ...kernelLines(b, paint), ...designLines(b.designs, paint));
  return out;
}

function endLine(
  { atEnd, last }: RecordedBuffer,
  { notJudged }: RecordingDocument,
  paint: Paint,
): string {
  const unsure = notJudged === null ? '' : ', as far as was recorded';
  if (atEnd.length > 0)
    return paint.red(`Still readable at the end${unsure}: ${atEnd.map(holderText).join('; ')}`);
  if (last === null || last.until === null) return `Nobody was seen with it${unsure}.`;
  return `Nobody can read it at the end${unsure}; last had it: ${holderText(last)}, until ${duration(last.until)}.`;
}

function holderText({ where, skb, task }: HolderSeen): string {
  return `${where} (sk_buff ${skb}, seen last while ${printable(task)} ran)`;
}

function kernelLines({ kernel }: RecordedBuffer, paint: Paint): string[] {
  const { told, readers, after, says } = kernel;
  if (says === 'nobody is told') return ['The kernel tells nobody of such a page (no ubuf_info).'];
  if (told === null) return ['The kernel has not told its owner in this recording.'];
  if (says === 'not-judged')
    return [
      `The kernel told its owner at ${duration(told)}; nobody was seen with it, and events are missing: not judged.`,
    ];
  if (says === 'holds')
    return [`The kernel told its owner at ${duration(told)}, when nobody could read it.`];
  const left =
    readers.length === 0
      ? ''
      : `, while it was readable from: ${readers.map(holderText).join('; ')}`;
  const later =
    after.length === 0 ? '' : `; it was seen afterwards in: ${after.map(holderText).join('; ')}`;
  return [paint.red(`EARLY: the kernel told its owner at ${duration(told)}${left}${later}`)];
}

const SAYS: Readonly<Record<RecordedDesign['says'], string>> = {
  holds: 'would tell when nobody can read it',
  early: 'would tell too early',
  lost: 'would never tell',
  untold: 'has not told by the end',
  copied: 'would have copied it',
  'not-judged': 'not judged',
};

function designLines(designs: readonly RecordedDesign[], paint: Paint): string[] {
  if (designs.length === 0) return [];
  const width = Math.max(...designs.map((d) => d.design.length));
  return [
    'In this order of events:',
    ...designs.map((d) => {
      const at = d.toldAt === null ? '' : ` (event ${d.toldAt})`;
      const why =
        d.reason ?? d.findings.find((f) => f.property === 'early' || f.property === 'lost')?.text;
      const word = `${SAYS[d.says]}${at}`;
      const colour = paintOf(d.says, paint);
      return `  ${d.design.padEnd(width)}  ${colour(word)}${why === undefined ? '' : `: ${why}`}`;
    }),
  ];
}

function paintOf(says: RecordedDesign['says'], paint: Paint): (text: string) => string {
  if (says === 'early' || says === 'lost') return (text) => paint.red(text);
  return says === 'holds' ? (text) => paint.green(text) : (text) => paint.dim(text);
}
