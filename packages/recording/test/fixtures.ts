// The recordings of data/, and the formats of tools that were not run here.
import { ERAS, type Design } from '@lastref/kernel';
import type { RecordingDocument } from '@lastref/report';
import { design as ackCallback } from '@lastref/strategies/tcp-ack-callback';
import { design as fragDestructor } from '@lastref/strategies/ian-frag-destructor';
import { design as msgZerocopy } from '@lastref/strategies/msg-zerocopy';
import { design as naiveSendpage } from '@lastref/strategies/naive-sendpage';
import { design as rpcReply } from '@lastref/strategies/rpc-reply';
import { readFileSync, readdirSync } from 'node:fs';
import { readRecording, recordingDocument } from '../src/index.ts';

const DATA = new URL('../data/', import.meta.url);

export const RECORDINGS = readdirSync(DATA)
  .filter((name) => name.endsWith('.txt'))
  .sort();
export const DESIGNS: readonly Design[] = [
  naiveSendpage,
  rpcReply,
  fragDestructor,
  msgZerocopy,
  ackCallback,
];

export function recordingText(name: string): string {
  return readFileSync(new URL(name, DATA), 'utf8');
}

/** On the newest kernel. */
export function told(
  text: string,
  designs: readonly Design[] = DESIGNS,
): Omit<RecordingDocument, 'digest'> {
  const recording = readRecording('a file', text);
  return recordingDocument(recording, {
    file: 'a file',
    era: ERAS.at(-1)!,
    designs,
    page: null,
  });
}
