// A recording cut to one page: the lines about sk_buffs that had it at some time, as they stand in the file.
import { RecordingError, type Recording } from './events.ts';
import { World } from './world.ts';

/** The address of a struct page as the recording has it, of 16 digits. Throws RecordingError. */
export function pageCalled(text: string): string {
  const digits = text.toLowerCase().replace(/^0x/, '');
  if (!/^[0-9a-f]{1,16}$/.test(digits))
    throw new RecordingError(
      `--page ${text}: the address of a struct page is wanted, in hexadecimal`,
    );
  return digits.padStart(16, '0');
}

export function linesAbout(recording: Recording, text: string, page: string): string {
  const { buffers } = new World(recording.events);
  const about = buffers.filter((b) => b.page === page);
  const skbs = new Set(
    about.flatMap((b) => b.changes.flatMap((c) => [...c.before.keys(), ...c.after.keys()])),
  );
  const ubufs = new Set(about.map((b) => b.ubuf));
  const kept = new Set(
    recording.events.flatMap((e) =>
      (e.kind === 'skb' ? skbs.has(e.skb) : ubufs.has(e.ubuf)) ? [e.line] : [],
    ),
  );
  const at = new Set(recording.events.map((e) => e.line));
  let keeps = true; // what is no event belongs to the one before it
  return text
    .split('\n')
    .filter((_, i) => {
      if (at.has(i + 1)) keeps = kept.has(i + 1);
      return keeps;
    })
    .join('\n')
    .replace(/\n*$/, '\n');
}
