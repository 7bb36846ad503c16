// From a file to a recording: which tool has made it, and its lines.
import { RecordingError, type Recording } from '../events.ts';
import { linesOf } from './lines.ts';
import { isBpftrace, readBpftrace } from './bpftrace.ts';
import { isPwru, readPwru } from './pwru.ts';
import { isRetis, readRetis } from './retis.ts';
import { isTraceCmd, readTraceCmd } from './trace-cmd.ts';

const READERS = [
  { is: isBpftrace, read: readBpftrace },
  { is: isRetis, read: readRetis },
  { is: isPwru, read: readPwru },
  { is: isTraceCmd, read: readTraceCmd },
] as const;

/** Characters in which a tool is known. */
const HEAD = 1 << 16;

/** Throws RecordingError, one line, where no tool prints such a thing or nothing of it was understood. */
export function readRecording(file: string, text: string): Recording {
  const plain = text.replaceAll('\r\n', '\n');
  const head = linesOf(plain.slice(0, HEAD));
  const reader = READERS.find(({ is }) => head.some(is));
  if (reader === undefined)
    throw new RecordingError(
      `${file}: no line looks like output of bpftrace (lastref.bt), trace-cmd report, pwru or retis; docs/recordings.md says how to record`,
    );
  const lines = linesOf(plain);
  if (lines.at(-1) === '') lines.pop();
  const recording = reader.read(lines);
  if (recording.events.length === 0) {
    const first = recording.unread[0];
    const why = first === undefined ? 'it has no event' : `line ${first.line}: ${first.why}`;
    throw new RecordingError(
      `${file}: nothing of its ${lines.length} lines was understood (${why}); events of the scripts in docs/recordings.md are wanted`,
    );
  }
  return recording;
}
