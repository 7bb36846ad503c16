// Steps that end a connection or stop a device: nobody asks for them, and they may come at any time.
import { Context, SingleStep, Spend, declareState, type Kernel, type Nic } from '@lastref/kernel';

/** Something that can be torn down. */
export interface Abortable {
  abort(): void;
  /** Its host lends nothing. */
  readonly lendsNothing?: boolean;
}

/** Tears `target` down every `everyTicks`, `times` times in all. */
export class Teardown extends SingleStep {
  readonly k: Kernel;
  readonly target: Abortable;
  readonly everyTicks: number;
  private left: number;

  constructor(
    k: Kernel,
    name: string,
    verb: string,
    target: Abortable,
    everyTicks: number,
    times = 1,
  ) {
    super(name, verb, Spend.TEARDOWN);
    this.k = k;
    this.target = target;
    this.everyTicks = everyTicks;
    this.left = times;
    k.agenda.add(this);
    k.agenda.arm(this.place, everyTicks);
  }

  override get lendsNothing(): boolean {
    return this.target.lendsNothing === true;
  }

  take(): boolean {
    const { k } = this;
    if (this.left === 0) return false;
    if (--this.left > 0) k.agenda.arm(this.place, k.agenda.now + this.everyTicks);
    else k.agenda.disarm(this.place);
    k.context = Context.PROCESS;
    this.target.abort();
    return true;
  }
}

declareState(Teardown, {
  state: 'target left',
  constant: 'k everyTicks',
});

/** A device that reads nothing for a while, with whatever is in its ring, and then goes on. */
export class Outage extends SingleStep {
  readonly k: Kernel;
  readonly nic: Nic;
  readonly lastsTicks: number;
  readonly everyTicks: number;
  private left: number;
  private down = false;

  /** The first outage begins at `fromTicks`, the next ones `everyTicks` after the end of the last. */
  constructor(
    k: Kernel,
    nic: Nic,
    fromTicks: number,
    lastsTicks: number,
    everyTicks: number,
    times: number,
  ) {
    super(`outage of ${nic.name}`, 'begins or ends', Spend.FAILURE);
    this.k = k;
    this.nic = nic;
    this.lastsTicks = lastsTicks;
    this.everyTicks = everyTicks;
    this.left = times;
    k.agenda.add(this);
    k.agenda.arm(this.place, fromTicks);
  }

  take(): boolean {
    const { agenda } = this.k;
    if (!agenda.isArmed(this.place)) return false;
    this.k.context = Context.HARDIRQ;
    this.down = !this.down;
    if (this.down) {
      this.nic.stall();
      agenda.arm(this.place, agenda.now + this.lastsTicks);
      return true;
    }
    this.nic.resume();
    if (--this.left > 0) agenda.arm(this.place, agenda.now + this.everyTicks);
    else agenda.disarm(this.place);
    return true;
  }
}

declareState(Outage, {
  state: 'nic left down',
  constant: 'k lastsTicks everyTicks',
});
