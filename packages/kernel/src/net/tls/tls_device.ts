// TLS by a device: TCP sends the plain text, the device encrypts what it reads, and each record keeps its pages until all of it
// is acknowledged, to encrypt it once more from its start if a part is sent again.
// Model: no header, no tag, every splice is a record, and a record is read again only as the packets of TCP are.
import { CHANGES } from '../../changes.ts';
import { mustHave } from '../../era.ts';
import type { Pipe } from '../../fs/pipe.ts';
import type { Holder, HolderVisitor } from '../../holders.ts';
import type { Kernel } from '../../kernel.ts';
import { declareState } from '../../state.ts';
import type { SgEntry } from '../core/skmsg.ts';
import { tcpSendpage } from '../ipv4/tcp_sendmsg.ts';
import type { TcpSock } from '../ipv4/tcp_sock.ts';

/** @kernel include/net/tls.h struct tls_record_info */
interface TlsRecordInfo {
  readonly frags: readonly SgEntry[];
  readonly endSeq: number;
}

/** The sending side of a socket that has asked for TLS_TX_ZEROCOPY_RO; without it the device's TLS copies what is spliced in. */
export class TlsDeviceTx implements Holder {
  readonly k: Kernel;
  private readonly sk: TcpSock;
  private readonly records: TlsRecordInfo[] = [];

  constructor(sk: TcpSock) {
    mustHave(sk.k.era, CHANGES.tlsDeviceZerocopy, 'TLS_TX_ZEROCOPY_RO');
    this.k = sk.k;
    this.sk = sk;
    this.k.holders.push(this);
  }

  /**
   * What `pipe` holds becomes a record: a reference of the record's and one of TCP's for each page, and the pipe lets go of its own.
   * @kernel net/tls/tls_device.c tls_push_data, tls_append_frag, tls_push_record (6.1, 7.2)
   */
  spliceIn(pipe: Pipe): void {
    const { k, sk } = this;
    const frags: SgEntry[] = [];
    let bytes = 0;
    for (let b = pipe.buffers[0]; b !== undefined; b = pipe.buffers[0]) {
      const { page, pageOffset, size, flow, seq } = b;
      k.lifetime.pageRef(page);
      frags.push({ page, pageOffset, size, flow, seq });
      bytes += size;
      pipe.consume(size);
    }
    if (frags.length === 0) return;
    this.records.push({ frags, endSeq: (sk.writeSeq + bytes) | 0 });
    for (const { page, pageOffset, size, flow, seq } of frags) {
      const at = sk.writeSeq;
      const taken = tcpSendpage(sk, page, pageOffset, size, null);
      if (taken > 0) k.probe.carried(sk.flow, at, taken, flow, seq);
    }
  }

  /** All up to `acked` has arrived: called before TCP lets go of its own packets. @kernel net/tls/tls_device.c tls_tcp_clean_acked, destroy_record (7.2) */
  cleanAcked(acked: number): void {
    const { k, records } = this;
    for (let r = records[0]; r !== undefined && ((acked - r.endSeq) | 0) >= 0; r = records[0]) {
      records.shift();
      for (const { page } of r.frags) k.lifetime.pageUnref(page);
      k.releases++;
    }
  }

  forEachReader(visitor: HolderVisitor): void {
    for (const { frags } of this.records)
      for (const { page, pageOffset, size } of frags)
        visitor.page(page, pageOffset, size, 'tls record');
  }
}

declareState(TlsDeviceTx, {
  state: 'records',
  constant: 'k sk',
});
