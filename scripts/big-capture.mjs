// Writes a capture of so many GiB to standard output: one NFS client that writes 1 MiB a call over ten connections.
//   node scripts/big-capture.mjs 4 | ./lastref capture -
import { writeSync } from 'node:fs';

const bytes = Number(process.argv[2] ?? 1) * 2 ** 30;
const FLOWS = Number(process.argv[3] ?? 10);
const CALL = 1 << 20;
const MSS = 1448;

function write(buffer) {
  for (let at = 0; at < buffer.length;) {
    try {
      at += writeSync(1, buffer, at);
    } catch (error) {
      if (error.code === 'EPIPE') process.exit(0);
      if (error.code !== 'EAGAIN') throw error;
    }
  }
}

const header = Buffer.alloc(24);
header.writeUInt32LE(0xa1b2c3d4, 0);
header.writeUInt16LE(2, 4);
header.writeUInt16LE(4, 6);
header.writeUInt32LE(262144, 16);
header.writeUInt32LE(101, 20);
write(header);

let us = 0;
let written = 24;
const out = Buffer.alloc(1 << 20);
let used = 0;

/** One TCP segment in an IPv4 packet in a record. */
function segment(flow, fromClient, seq, ack, flags, payload, fill) {
  const size = 16 + 40 + payload;
  if (used + size > out.length) {
    write(out.subarray(0, used));
    used = 0;
  }
  const r = out.subarray(used, used + size);
  used += size;
  written += size;
  us += 10;
  r.writeUInt32LE(1_700_000_000 + Math.floor(us / 1e6), 0);
  r.writeUInt32LE(us % 1e6, 4);
  r.writeUInt32LE(40 + payload, 8);
  r.writeUInt32LE(40 + payload, 12);
  r.fill(0, 16, 56);
  r[16] = 0x45;
  r.writeUInt16BE(40 + payload, 18);
  r[24] = 64;
  r[25] = 6;
  r.writeUInt32BE(fromClient ? 0x0a000001 : 0x0a000002, 28);
  r.writeUInt32BE(fromClient ? 0x0a000002 : 0x0a000001, 32);
  r.writeUInt16BE(fromClient ? 700 + flow : 2049, 36);
  r.writeUInt16BE(fromClient ? 2049 : 700 + flow, 38);
  r.writeUInt32BE(seq >>> 0, 40);
  r.writeUInt32BE(ack >>> 0, 44);
  r[48] = 0x50;
  r[49] = flags;
  r.writeUInt16BE(65000, 50);
  if (payload > 0) fill(r.subarray(56));
}

const seqs = Array.from({ length: FLOWS }, () => [1, 1]);
const words = (to, values) => values.forEach((v, i) => to.writeUInt32BE(v >>> 0, 4 * i));
for (let xid = 1; written < bytes; xid++) {
  const flow = xid % FLOWS;
  const [client, server] = seqs[flow];
  const total = CALL + 4 + 40;
  for (let at = 0; at < total; at += MSS) {
    const n = Math.min(MSS, total - at);
    segment(flow, true, client + at, server, 16, n, (to) => {
      to.fill(xid & 255);
      if (at === 0) words(to, [0x80000000 + total - 4, xid, 0, 2, 100003, 3, 7, 0, 0, 0, 0]);
    });
    if (at % (2 * MSS) === 0) segment(flow, false, server, client + at + n, 16, 0);
  }
  segment(flow, false, server, client + total, 24, 28, (to) =>
    words(to, [0x80000018, xid, 1, 0, 0, 0, 0]),
  );
  seqs[flow] = [(client + total) >>> 0, (server + 28) >>> 0];
}
write(out.subarray(0, used));
