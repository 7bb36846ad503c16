// What went over the wire: every packet as its device read it, with what is wrong about its bytes.
import {
  IP_HEADER,
  Loopback,
  Nic,
  checksumAdd,
  checksumFold,
  fixSegmentHeader,
  ipId,
  type Kernel,
  type NetDevice,
  type SkBuff,
} from '@lastref/kernel';
import type { WrittenPacket } from '@lastref/capture';
import type { LentBytes } from './lent.ts';

/** Offset of the checksum in a TCP header. */
const CHECKSUM = IP_HEADER + 16;

interface Device {
  readonly device: NetDevice & { readonly next: SkBuff | null };
  /** A NIC's packet stays as it was read; what comes up from the loopback device is taken apart at once. */
  readonly keeps: boolean;
}

/** A packet as it stands in memory. */
interface Held {
  readonly skb: SkBuff;
  readonly frames: readonly WrittenPacket[] | null;
}

export class Wire {
  readonly names: readonly string[];
  readonly packets: WrittenPacket[] = [];
  private readonly k: Kernel;
  private readonly lent: LentBytes;
  private readonly devices: readonly Device[];
  private held: (Held | null)[] = [];

  constructor(k: Kernel, lent: LentBytes) {
    this.k = k;
    this.lent = lent;
    this.devices = k.holders.flatMap((device): Device[] => {
      if (device instanceof Nic) return [{ device, keeps: true }];
      return device instanceof Loopback ? [{ device, keeps: false }] : [];
    });
    this.names = this.devices.map((d) => d.device.name);
  }

  /** Before a step: what would be read next. */
  before(): void {
    this.held = this.devices.map(({ device, keeps }, i) => {
      const skb = device.next;
      return skb === null ? null : { skb, frames: keeps ? null : this.frames(skb, i) };
    });
  }

  /** After the step: what was read in it. */
  after(): void {
    this.devices.forEach(({ device }, i) => {
      const held = this.held[i];
      if (held === null || held === undefined || device.next === held.skb) return;
      this.packets.push(...(held.frames ?? this.frames(held.skb, i)));
    });
  }

  /** The packet as frames of one mss each. */
  private frames(skb: SkBuff, device: number): WrittenPacket[] {
    const { mem, agenda } = this.k;
    const header = mem.slice(skb.data, skb.data + skb.headers);
    const payload = this.payload(skb);
    const mss = skb.shinfo.gsoSize === 0 ? payload.length : skb.shinfo.gsoSize;
    const frames: WrittenPacket[] = [];
    let id = ipId(header, 0);
    let offset = 0;
    do {
      const part = payload.subarray(offset, offset + mss);
      const seq = (skb.seq + offset) | 0;
      const bytes = Buffer.concat([header, part]);
      if (part.length < payload.length) {
        const last = offset + part.length === payload.length;
        fixSegmentHeader(bytes, 0, bytes.length, seq, id++ & 0xffff, last);
      }
      fillChecksum(bytes);
      const comment = this.lent.complaint(skb.flow, seq, part);
      frames.push({ device, tick: agenda.now, bytes, comment });
      offset += mss;
    } while (offset < payload.length);
    return frames;
  }

  private payload(skb: SkBuff): Buffer {
    const { mem } = this.k;
    const parts = [mem.subarray(skb.data + skb.headers, skb.data + skb.len - skb.dataLen)];
    for (let i = 0; i < skb.shinfo.nrFrags; i++) {
      const { page, pageOffset, size } = skb.shinfo.frags[i]!;
      parts.push(mem.subarray(page.address + pageOffset, page.address + pageOffset + size));
    }
    return Buffer.concat(parts);
  }
}

/** Computes what the stack left to the device; a checksum that the stack made stays, right or wrong. */
function fillChecksum(packet: Buffer): void {
  if (packet.readUInt16BE(CHECKSUM) !== 0) return;
  const size = packet.length - IP_HEADER;
  const pseudo = checksumAdd(packet, 12, 8, 6 + size);
  packet.writeUInt16BE(checksumFold(checksumAdd(packet, IP_HEADER, size, pseudo)), CHECKSUM);
}
