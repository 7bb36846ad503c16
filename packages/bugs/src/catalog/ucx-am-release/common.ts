import {
  Context,
  PAGE_SIZE,
  PageHome,
  Reader,
  Side,
  allocHomePage,
  declareState,
  type Holder,
  type HolderVisitor,
  type Kernel,
  type Loan,
  type Page,
} from '@lastref/kernel';
import { writePage, type Workload } from '@lastref/workloads';
import { Act } from '../../act.ts';
import { Owner } from '../../owner.ts';
import { workloadOf } from '../../wire.ts';

/** A small message stands in a descriptor of the pool; a large one is put together in memory that is allocated for it. */
const MESSAGES = ['small', 'large'] as const;

export interface Descriptor {
  readonly page: Page;
  readonly loan: Loan;
  /** Where it is from: UCP_RECV_DESC_FLAG_MALLOC. */
  readonly malloc: boolean;
  readonly seq: number;
}

/**
 * Messages come in; an application keeps their data beyond its callback, and is done with each later, by one of two
 * functions. @kernel UCX, src/ucp/core/ucp_am.c
 */
export abstract class Worker extends Owner implements Holder {
  private readonly arrive: Act;
  private readonly drop: Act;
  private readonly receive: Act;
  private readonly pool: Page[];
  private readonly held: Descriptor[] = [];
  private readonly flow: number;
  private arrived = 0;

  constructor(k: Kernel) {
    super(k, 'worker', MESSAGES.length);
    this.flow = k.newFlow(Side.LENT);
    this.pool = [allocHomePage(k, PageHome.POOL)];
    k.holders.push(this);
    this.arrive = new Act(k, 'message', 'arrives', () => this.arrival(), Context.SOFTIRQ);
    this.drop = new Act(k, 'application', 'does without the data', () => this.dataRelease());
    this.receive = new Act(k, 'application receive', 'collects the data', () => this.recvData());
    this.arrive.arm();
  }

  private arrival(): void {
    const { k, flow, pool, arrived } = this;
    const malloc = MESSAGES[arrived] === 'large';
    const page = malloc ? allocHomePage(k, PageHome.GENERAL) : pool.pop()!;
    writePage(k, page, arrived + 1);
    const loan = this.newLoan(arrived + 1);
    const seq = arrived * PAGE_SIZE;
    k.probe.lent(loan, page, 0, PAGE_SIZE, flow, seq);
    k.hold(loan);
    this.handedOver(loan);
    this.held.push({ page, loan, malloc, seq });
    if (++this.arrived < MESSAGES.length) this.arrive.arm();
    this.armRest();
  }

  private armRest(): void {
    if (this.held.length === 0) return;
    this.drop.arm();
    this.receive.arm();
  }

  /** ucp_am_data_release */
  private dataRelease(): void {
    const descriptor = this.held.shift();
    if (descriptor === undefined) return;
    this.over(descriptor);
    this.home(descriptor);
    this.armRest();
  }

  /** ucp_am_recv_data_nbx, outside of the callback */
  private recvData(): void {
    const descriptor = this.held.shift();
    if (descriptor === undefined) return;
    const { page, seq } = descriptor;
    const { k, flow } = this;
    k.probe.read(Reader.APPLICATION, flow, seq, PAGE_SIZE, page.address, page);
    this.over(descriptor);
    this.received(descriptor);
    this.armRest();
  }

  /** The data of a descriptor was collected: its memory goes back. */
  protected abstract received(descriptor: Descriptor): void;

  private over({ loan }: Descriptor): void {
    this.k.releases++;
    this.k.drop(loan);
  }

  /** To where it is from. */
  protected home({ page, malloc }: Descriptor): void {
    if (!malloc) {
      this.toPool(page);
      return;
    }
    this.k.probe.pageDisowned(page);
    this.k.putPage(page); // ucs_free
  }

  /** ucs_mpool_put */
  protected toPool(page: Page): void {
    if (this.k.poolPut(page)) this.pool.push(page);
  }

  forEachReader(visitor: HolderVisitor): void {
    for (const { page } of this.held) visitor.page(page, 0, PAGE_SIZE, 'application');
  }
}

declareState(Worker, {
  state: 'pool held arrived',
  constant: 'arrive drop receive flow',
});

export function messages(version: string, make: (k: Kernel) => Worker): Workload {
  return workloadOf(
    `ucx-am-release-${version}`,
    'a small message and a large one, whose data an application keeps for a while',
    make,
    { by: 'driver', over: 'device' },
  );
}
