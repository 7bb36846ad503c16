// Goal: where the IP header starts in a frame. Non-goal: addresses and other fields of the link.
import { be16 } from './bytes.ts';
import type { Frame } from './capture.ts';

/** The link types that are understood, by LINKTYPE_ value. */
export const LINK_NAMES: ReadonlyMap<number, string> = new Map([
  [0, 'BSD loopback'],
  [1, 'Ethernet'],
  [12, 'raw IP'],
  [14, 'raw IP'],
  [101, 'raw IP'],
  [108, 'OpenBSD loopback'],
  [113, 'Linux cooked v1'],
  [228, 'raw IPv4'],
  [229, 'raw IPv6'],
  [276, 'Linux cooked v2'],
]);

const IPV4 = 0x0800;
const IPV6 = 0x86dd;
const VLAN_TAGS: ReadonlySet<number> = new Set([0x8100, 0x88a8, 0x9100]);
/** Address families of the loopback header: 2 is IPv4, the others are IPv6 on various systems. */
const LOOPBACK_FAMILIES: ReadonlySet<number> = new Set([2, 10, 24, 28, 30]);

/** Offset of the IPv4 or IPv6 header in `frame.data`, or -1 if the frame carries something else. */
export function ipOffset(frame: Frame): number {
  const data = frame.data;
  switch (frame.linkType) {
    case 1:
      return afterType(data, 12);
    case 113:
      return afterType(data, 14);
    case 276:
      return be16(data, 0) === IPV4 || be16(data, 0) === IPV6 ? 20 : taggedCooked(data);
    case 0:
    case 108: {
      // Four bytes in the byte order of the machine that captured; families fit into one byte.
      const family = (data[0] ?? 0) | (data[3] ?? 0);
      return LOOPBACK_FAMILIES.has(family) ? 4 : -1;
    }
    default:
      return 0;
  }
}

/** Follows VLAN tags from the type field at `at`; -1 unless they end in IP. */
function afterType(data: Uint8Array, at: number): number {
  for (let type = at; type + 2 <= data.length; type += 4) {
    const value = be16(data, type);
    if (value === IPV4 || value === IPV6) return type + 2;
    if (!VLAN_TAGS.has(value)) return -1;
  }
  return -1;
}

/** Cooked v2 has its type first: the tag's own two fields follow the header of 20 bytes. */
function taggedCooked(data: Uint8Array): number {
  return VLAN_TAGS.has(be16(data, 0)) ? afterType(data, 22) : -1;
}
