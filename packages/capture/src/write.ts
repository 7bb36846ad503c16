// Writes pcapng, for the tools that people have: one section, IP packets, a comment where there is something to
// say. Format: draft-ietf-opsawg-pcapng.

export interface WrittenPacket {
  /** Index into the interfaces. */
  readonly device: number;
  /** Microseconds since the start of the run. */
  readonly tick: number;
  /** From the IP header on. */
  readonly bytes: Uint8Array;
  readonly comment: string | null;
}

const SECTION_HEADER = 0x0a0d0d0a;
const INTERFACE_DESCRIPTION = 1;
const ENHANCED_PACKET = 6;
const BYTE_ORDER_MAGIC = 0x1a2b3c4d;
/** Packets start with their IP header. */
const LINKTYPE_RAW = 101;
const OPT_COMMENT = 1;
const SHB_USERAPPL = 4;
const IF_NAME = 2;
const IF_TSRESOL = 9;
const EPB_FLAGS = 2;
const OUTBOUND = 2;

/** The whole file. The same packets give the same bytes. */
export function writePcapng(
  interfaces: readonly string[],
  packets: readonly WrittenPacket[],
): Buffer {
  const header = Buffer.alloc(16);
  header.writeUInt32LE(BYTE_ORDER_MAGIC, 0);
  header.writeUInt16LE(1, 4);
  header.writeBigInt64LE(-1n, 8); // length of the section: not said
  return Buffer.concat([
    block(SECTION_HEADER, header, option(SHB_USERAPPL, Buffer.from('lastref'))),
    ...interfaces.map((name) => {
      const fixed = Buffer.alloc(8);
      fixed.writeUInt16LE(LINKTYPE_RAW, 0);
      return block(
        INTERFACE_DESCRIPTION,
        fixed,
        option(IF_NAME, Buffer.from(name)),
        option(IF_TSRESOL, Buffer.from([6])),
      );
    }),
    ...packets.map(packet),
  ]);
}

function packet({ device, tick, bytes, comment }: WrittenPacket): Buffer {
  const fixed = Buffer.alloc(20);
  fixed.writeUInt32LE(device, 0);
  fixed.writeUInt32LE(Math.floor(tick / 2 ** 32), 4);
  fixed.writeUInt32LE(tick % 2 ** 32, 8);
  fixed.writeUInt32LE(bytes.length, 12);
  fixed.writeUInt32LE(bytes.length, 16);
  const flags = Buffer.alloc(4);
  flags.writeUInt32LE(OUTBOUND, 0);
  const said = comment === null ? [] : [option(OPT_COMMENT, Buffer.from(comment))];
  return block(
    ENHANCED_PACKET,
    Buffer.concat([fixed, padded(bytes)]),
    ...said,
    option(EPB_FLAGS, flags),
  );
}

function block(type: number, fixed: Uint8Array, ...options: Buffer[]): Buffer {
  const end = options.length === 0 ? [] : [option(0, Buffer.alloc(0))];
  const body = Buffer.concat([fixed, ...options, ...end]);
  const head = Buffer.alloc(8);
  head.writeUInt32LE(type, 0);
  head.writeUInt32LE(body.length + 12, 4);
  return Buffer.concat([head, body, head.subarray(4)]);
}

function option(code: number, value: Uint8Array): Buffer {
  const head = Buffer.alloc(4);
  head.writeUInt16LE(code, 0);
  head.writeUInt16LE(value.length, 2);
  return Buffer.concat([head, padded(value)]);
}

function padded(bytes: Uint8Array): Buffer {
  return Buffer.concat([bytes, Buffer.alloc(-bytes.length & 3)]);
}
