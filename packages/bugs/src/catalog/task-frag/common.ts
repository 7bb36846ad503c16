import {
  PAGE_SIZE,
  declareState,
  tcpSendpage,
  type Kernel,
  type Page,
  type SocketUser,
  type TcpSock,
} from '@lastref/kernel';
import { ownPages, type Workload } from '@lastref/workloads';
import { Act } from '../../act.ts';
import { Owner } from '../../owner.ts';
import { streamOver, wire, workloadOf } from '../../wire.ts';

/** Bytes of each send. */
const BYTES = 512;

/** A page that sends are copied to, one behind the other. @kernel include/linux/sched.h task_frag */
export class PageFrag {
  readonly page: Page;
  offset = 0;

  constructor(k: Kernel) {
    this.page = ownPages(k, 1)[0]!;
  }
}

declareState(PageFrag, { state: 'page offset' });

class Connection implements SocketUser {
  sk: TcpSock | null = null;
  private readonly up: () => void;

  constructor(up: () => void) {
    this.up = up;
  }

  established(sk: TcpSock): void {
    this.sk = sk;
    this.up();
  }

  writeSpace(): void {}
  dataReady(): void {}
  closed(): void {}
}

declareState(Connection, { state: 'sk', constant: 'up' });

/**
 * A task whose send faults while it copies, and which gets the page that it lacks from a file system over the network:
 * by a send of the same task. Model: the two ends of the outer copy are two steps, and the fault one between them.
 */
export class Task extends Owner {
  protected readonly frag: PageFrag;
  readonly application: Connection;
  readonly fileSystem: Connection;
  private readonly begin: Act;
  private readonly fault: Act;
  private readonly goOn: Act;
  /** Where the outer copy goes to. */
  private at = -1;
  private readonly nested: PageFrag;

  constructor(k: Kernel, fragOfFileSystem: (k: Kernel, task: PageFrag) => PageFrag) {
    super(k, 'task', 2);
    this.frag = new PageFrag(k);
    this.nested = fragOfFileSystem(k, this.frag);
    this.begin = new Act(k, 'task send', 'begins to copy', () => this.copy());
    this.fault = new Act(k, 'page fault', 'makes the file system send', () => this.sendNested());
    this.goOn = new Act(k, 'task copy', 'is done, and sent', () => this.send());
    this.application = new Connection(() => this.ready());
    this.fileSystem = new Connection(() => this.ready());
  }

  private ready(): void {
    if (this.application.sk !== null && this.fileSystem.sk !== null) this.begin.arm();
  }

  private copy(): void {
    this.at = this.frag.offset; // the address is worked out once
    this.fault.arm();
    this.goOn.arm();
  }

  private sendNested(): void {
    const { nested, fileSystem } = this;
    this.fill(nested.page, nested.offset, 0x22);
    this.sendFrom(fileSystem.sk!, nested, 2);
  }

  private send(): void {
    const { frag, application } = this;
    this.fill(frag.page, this.at, 0x11);
    this.sendFrom(application.sk!, frag, 1);
  }

  private fill({ address }: Page, offset: number, byte: number): void {
    const { k } = this;
    k.probe.reused(this.frag.page);
    k.mem.fill(byte, address + offset, address + offset + BYTES);
  }

  /** skb_fill_page_desc with where the frag stands now, then pfrag->offset += copy. */
  private sendFrom(sk: TcpSock, frag: PageFrag, op: number): void {
    const loan = this.newLoan(op);
    frag.page.writes++;
    tcpSendpage(sk, frag.page, frag.offset, BYTES, loan);
    frag.offset = (frag.offset + BYTES) % PAGE_SIZE;
    this.handedOver(loan);
  }
}

declareState(Task, {
  state: 'frag nested at application fileSystem',
  constant: 'begin fault goOn',
});

export function faultingSend(
  version: string,
  fragOfFileSystem: (k: Kernel, task: PageFrag) => PageFrag,
): Workload {
  return workloadOf(
    `task-frag-${version}`,
    'a send faults, and the page comes from a file system over the network',
    (k) => {
      const net = wire(k);
      const task = new Task(k, fragOfFileSystem);
      streamOver(k, net, task.application, 'application', 0);
      streamOver(k, net, task.fileSystem, 'file system', 1);
      return task;
    },
  );
}
