// What `lastref capture` prints: the connections of a capture, in the manner of capinfos and of tshark's conversations.
import Table from 'cli-table3';
import type { CaptureDocument } from './capture-document.ts';
import { PLAIN } from './tables.ts';
import { many } from './words.ts';

const LINES = 40;

/** The document as text; the connections with the most payload first. */
export function captureText(doc: CaptureDocument): string {
  const { connections } = doc;
  const shown = [...connections]
    .sort((a, b) => sum(b.payloadBytes) - sum(a.payloadBytes) || a.id - b.id)
    .slice(0, LINES);
  const table = new Table({
    head: [
      '',
      'client',
      'server',
      'seconds',
      'frames',
      'payload →',
      '← payload',
      'resent',
      'RPC calls',
      'resent',
      'replies',
    ],
    ...PLAIN,
  });
  for (const c of shown) {
    table.push([
      c.id,
      name(c.client),
      name(c.server),
      c.seconds.toFixed(3),
      sum(c.frames),
      c.payloadBytes[0],
      c.payloadBytes[1],
      sum(c.retransmissions),
      ...(c.rpc === null
        ? ['', '', '']
        : [sum(c.rpc.calls), sum(c.rpc.copies) - sum(c.rpc.calls), sum(c.rpc.replies)]),
    ]);
  }
  const out = [
    `${doc.file}: ${doc.format}, ${many(doc.frames, 'frame')} in ${doc.seconds.toFixed(3)} s from ${doc.start ?? 'never'}, ${doc.tcpFrames} of them TCP in ${many(connections.length, 'connection')}`,
  ];
  if (shown.length > 0) out.push(table.toString());
  if (connections.length > LINES)
    out.push(`and ${connections.length - LINES} smaller ones: --json has all`);
  const unknown = [
    ...doc.unknown,
    ...shown.flatMap((c) => c.unknown.map((line) => `${c.id}: ${line}`)),
  ];
  if (unknown.length > 0)
    out.push('', 'What cannot be known from this file:', ...unknown.map((line) => `  ${line}`));
  return `${out.join('\n')}\n`;
}

function sum([a, b]: readonly [number, number]): number {
  return a + b;
}

function name({ address, port }: { readonly address: string; readonly port: number }): string {
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
}
