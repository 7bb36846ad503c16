// A page of a recording as the space-time diagram that a run of the model has: lanes of those who could read it, and below
// them a lane for each design that would have told, with a mark where. References are not drawn: none was counted.
import { storyPicture } from './html/picture.ts';
import type { RecordedBuffer, RecordedDesign, RecordingDocument } from './recording-document.ts';
import { MARKS, orderLanes, type StorySide, type StoryStep } from './story.ts';
import { duration, printable } from './words.ts';

/** `foot`: where it comes from. */
export function recordedPicture(b: RecordedBuffer, doc: RecordingDocument, foot: string): string {
  return storyPicture(
    recordedSide(b),
    `page ${b.page}: ${inShort(b)}${unsure(doc)}`,
    printable(foot),
  );
}

function unsure({ notJudged }: RecordingDocument): string {
  return notJudged === null ? '' : ', as far as was recorded';
}

function inShort({ kernel, atEnd, last }: RecordedBuffer): string {
  const where = (of: readonly { readonly where: string }[]): string =>
    [...new Set(of.map((h) => h.where))].join(', ');
  if (kernel.says === 'early')
    return `its owner is told at ${duration(kernel.told!)}, too early: ${where([...kernel.readers, ...kernel.after])}`;
  if (atEnd.length > 0) return `still readable at the end: ${where(atEnd)}`;
  return last === null ? 'nobody was seen with it' : `last had by: ${last.where}`;
}

/** The page that somebody who looks for a fault wants to see first. */
export function mostTelling(buffers: readonly RecordedBuffer[]): RecordedBuffer | undefined {
  return (
    buffers.find((b) => b.kernel.says === 'early') ??
    buffers.find((b) => b.lent && b.atEnd.length > 0) ??
    buffers.find((b) => b.lent) ??
    buffers[0]
  );
}

/** The same as a space-time diagram takes it: the kernel's own word in the producer's lane. */
export function recordedSide(b: RecordedBuffer): StorySide {
  const lanes = orderLanes([
    ...new Set(['producer', ...b.steps.flatMap((s) => s.holders.map((h) => h.where))]),
  ]);
  const telling = b.designs.filter((d) => d.toldAt !== null);
  const all = [...lanes, ...telling.map((d) => d.design)];
  const lane = (name: string): number => all.indexOf(name);
  const last = (n: number): number => b.steps.findLastIndex((s) => s.n <= n);
  return {
    design: 'as recorded',
    lanes: all,
    steps: b.steps.map((s, i): StoryStep => {
      const says = telling.filter((d) => last(d.toldAt!) === i);
      return {
        n: s.n,
        tick: s.tick,
        text: s.text,
        says: [],
        marks: [
          ...s.marks.map((mark) => ({
            lane: lane('producer'),
            mark: MARKS.find((m) => m === mark)!,
          })),
          ...says.flatMap((d) => toldMarks(d, lane(d.design))),
        ],
        holdings: s.holders.map((h) => ({
          lane: lane(h.where),
          refs: h.packets,
          copies: 0,
          changed: false,
        })),
        pageRefs: 0,
        loanRefs: 0,
        calm: 0,
      };
    }),
    findings: [],
    played: b.steps.length === 0 ? 0 : b.steps.at(-1)!.n,
  };
}

/** Where a design would have told; too early is a finding. */
function toldMarks({ says }: RecordedDesign, lane: number): StoryStep['marks'] {
  const told = { lane, mark: 'completed' as const };
  return says === 'early' ? [told, { lane, mark: 'found' }] : [told];
}
