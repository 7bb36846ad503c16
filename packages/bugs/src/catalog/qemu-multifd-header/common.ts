import {
  PAGE_SIZE,
  declareState,
  tcpSendpage,
  type Kernel,
  type Loan,
  type Page,
  type TcpSock,
} from '@lastref/kernel';
import { ownPages, writePage, type Workload } from '@lastref/workloads';
import { StreamOwner } from '../../stream-owner.ts';
import { streamOf } from '../../wire.ts';

/** Bytes of a header: which pages of the guest follow. */
export const HEADER = 512;
const PACKETS = 2;

/** A channel of a migration. Its header stands in one buffer, which each packet is described in anew. */
export abstract class Channel extends StreamOwner {
  private readonly header: Page;
  /** Pages of the guest: if one changes it is sent again, so nobody minds. */
  private readonly ram: readonly Page[];

  constructor(k: Kernel) {
    super(k, 'multifd channel', PACKETS);
    this.header = ownPages(k, 1)[0]!;
    this.ram = ownPages(k, PACKETS);
    this.ram.forEach((page, i) => writePage(k, page, i + 1));
  }

  protected override send(sk: TcpSock, op: number): void {
    const { k, header } = this;
    writePage(k, header, 0x40 + op); // multifd_send_fill_packet
    const loan = this.newLoan(op);
    this.sendHeader(sk, header, loan);
    tcpSendpage(sk, this.ram[op - 1]!, 0, PAGE_SIZE, loan);
    this.handedOver(loan);
  }

  protected abstract sendHeader(sk: TcpSock, header: Page, loan: Loan): void;
}

declareState(Channel, { state: 'header ram' });

export function migration(version: string, channel: (k: Kernel) => Channel): Workload {
  return streamOf(
    `qemu-multifd-header-${version}`,
    'a migration sends headers and pages of a guest by MSG_ZEROCOPY',
    channel,
  );
}
