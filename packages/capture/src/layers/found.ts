// What is known of a frame in which TCP was found, and why one was left out.

/** Why a frame that may have carried TCP is left out; or null: it is something else. */
export type Fault =
  | 'the IP header is cut or damaged'
  | 'the IP length is less than its header'
  | 'a later IP fragment is left out'
  | 'its link or tunnel header is cut'
  | 'more than 16 headers stand before TCP'
  | 'an encrypted 802.11 frame is left out'
  | 'an encrypted packet (ESP) is left out'
  | 'an encrypted frame (MACsec) is left out'
  | `link type ${number}${string} is not read`;

/** Where TCP is in a frame; one object is reused for all frames. */
export interface Found {
  /** Offset of the source address in the frame; the destination follows it. */
  addresses: number;
  /** 4 or 16. */
  addressBytes: number;
  /** The sender's number for the packet; -1: IPv6 has none. */
  id: number;
  /** Offset of the TCP header in the frame. */
  tcp: number;
  /** Bytes of TCP header and payload on the wire. */
  tcpBytes: number;
  /** True for the first of several fragments. */
  fragment: boolean;
  /** Set where `findTcp` says 'fault'. */
  fault: Fault;
}

/** An object for `findTcp` to fill. */
export function newFound(): Found {
  return {
    addresses: 0,
    addressBytes: 0,
    id: -1,
    tcp: 0,
    tcpBytes: 0,
    fragment: false,
    fault: 'the IP header is cut or damaged',
  };
}
