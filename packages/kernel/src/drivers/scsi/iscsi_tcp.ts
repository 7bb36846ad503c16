// How PDUs go into the stream: headers and digests copied, data by reference.
// @kernel drivers/scsi/iscsi_tcp.c iscsi_sendhdr, iscsi_sendpage (2.6.24)
import type { Kernel } from '../../kernel.ts';
import { Cost } from '../../ledger.ts';
import { CRC32C_SEED, crc32c } from '../../lib/crc32c.ts';
import { PAGE_SIZE, allocPage, type Page } from '../../mm/page_alloc.ts';
import { tcpPush } from '../../net/ipv4/tcp_output.ts';
import { tcpSendmsg, tcpSendpage } from '../../net/ipv4/tcp_sendmsg.ts';
import type { TcpSock } from '../../net/ipv4/tcp_sock.ts';
import {
  BHS_BYTES,
  DIGEST_BYTES,
  FLAG_FINAL,
  FLAG_WRITE,
  IscsiHdr,
  IscsiOp,
  writeHdr,
} from './iscsi_proto.ts';
import type { IscsiTask } from './iscsi_task.ts';
import { writeDigest, type Digests } from './libiscsi_tcp.ts';
import { declareState } from '../../state.ts';

/** Bytes of one Data-Out PDU at most: MaxRecvDataSegmentLength of the target. */
export const MAX_DATA_SEGMENT = PAGE_SIZE;
/** Where in the scratch page a data digest is put together. */
const DIGEST_AT = 256;

export interface PduOptions extends Digests {
  /** Pages are lent although there is a data digest, where the kernel copies. @kernel iscsi_conn_set_param, sock_no_sendpage */
  readonly digestByReference?: boolean;
}

export class PduWriter {
  private readonly k: Kernel;
  private readonly options: PduOptions;
  private readonly scratch: Page;
  private readonly hdr = new IscsiHdr();
  /** Bytes of a header with its digest. */
  private readonly headEnd: number;

  constructor(k: Kernel, options: PduOptions) {
    this.k = k;
    this.options = options;
    this.scratch = allocPage(k);
    this.headEnd = BHS_BYTES + (options.header ? DIGEST_BYTES : 0);
  }

  /** Sends a PDU without data on a connection that has room for it. */
  control(sk: TcpSock, h: IscsiHdr): void {
    this.putHeader(h);
    tcpSendmsg(sk, this.scratch.address, this.headEnd);
  }

  /**
   * Goes on writing the PDU of `task`: its command, or `dlength` bytes of its data. False: the send buffer is full.
   * @kernel drivers/scsi/iscsi_tcp.c iscsi_tcp_ctask_xmit (2.6.24)
   */
  write(sk: TcpSock, task: IscsiTask): boolean {
    const { k, options, scratch, headEnd } = this;
    const dataEnd = headEnd + task.dlength;
    sk.corked = true;
    if (task.sent < headEnd) {
      this.putHeader(this.header(task));
      if (!copied(sk, task, scratch.address, 0, headEnd)) return false;
    }
    while (task.sent < dataEnd) if (!this.writeData(sk, task)) return false;
    if (options.data && task.dlength > 0) {
      const at = scratch.address + DIGEST_AT;
      writeDigest(k.mem, at, task.crc);
      if (!copied(sk, task, at, dataEnd, dataEnd + DIGEST_BYTES)) return false;
    }
    sk.corked = false;
    tcpPush(sk);
    return true;
  }

  /** @kernel drivers/scsi/libiscsi.c iscsi_prep_scsi_cmd_pdu, iscsi_tcp.c iscsi_solicit_data_cont (2.6.24) */
  private header(task: IscsiTask): IscsiHdr {
    const { hdr } = this;
    if (task.dlength === 0) {
      hdr.begin(IscsiOp.SCSI_CMD, FLAG_FINAL | FLAG_WRITE, task.itt);
      hdr.ttt = task.bytes;
      hdr.sn = task.cmdsn;
      return hdr;
    }
    const last = task.offset + task.dlength === task.end;
    hdr.begin(IscsiOp.DATA_OUT, last ? FLAG_FINAL : 0, task.itt);
    hdr.ttt = task.ttt;
    hdr.dlength = task.dlength;
    hdr.datasn = task.datasn;
    hdr.offset = task.offset;
    return hdr;
  }

  private putHeader(hdr: IscsiHdr): void {
    const { k, scratch } = this;
    writeHdr(k.mem, scratch.address, hdr);
    if (!this.options.header) return;
    const crc = crc32c(k.mem, scratch.address, BHS_BYTES, CRC32C_SEED);
    k.cost[k.side + Cost.CHECKSUM_BYTES]! += BHS_BYTES;
    writeDigest(k.mem, scratch.address + BHS_BYTES, crc);
  }

  /** Sends some data of one page, and carries the digest on over it. @kernel drivers/scsi/iscsi_tcp.c iscsi_sendpage (2.6.24) */
  private writeData(sk: TcpSock, task: IscsiTask): boolean {
    const { k, options } = this;
    const into = task.sent - this.headEnd;
    const at = task.offset + into;
    const page = task.pages[Math.floor(at / PAGE_SIZE)]!;
    const offset = at % PAGE_SIZE;
    const size = Math.min(PAGE_SIZE - offset, task.dlength - into);
    const lends = !options.data || options.digestByReference === true;
    const { writeSeq } = sk;
    const taken = lends
      ? tcpSendpage(sk, page, offset, size, task.loan)
      : tcpSendmsg(sk, page.address + offset, size);
    if (!lends && taken > 0) k.probe.lent(task.loan!, page, offset, taken, sk.flow, writeSeq);
    if (options.data) {
      task.crc = crc32c(k.mem, page.address + offset, taken, task.crc);
      k.cost[k.side + Cost.CHECKSUM_BYTES]! += taken;
    }
    task.sent += taken;
    return taken === size;
  }
}

declareState(PduWriter, {
  state: 'scratch hdr',
  constant: 'k options headEnd',
});

/** Sends what is left of the part from `from` to `end` of the PDU, whose bytes stand at `address`. False: not all of it. */
function copied(sk: TcpSock, task: IscsiTask, address: number, from: number, end: number): boolean {
  if (task.sent < end) task.sent += tcpSendmsg(sk, address + (task.sent - from), end - task.sent);
  return task.sent === end;
}
