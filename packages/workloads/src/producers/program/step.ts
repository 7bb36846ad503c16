// A step of a program's host whose work is somebody else's.
import { Context, Side, SingleStep, declareState, type Kernel, type Spend } from '@lastref/kernel';

/** A step whose work is somebody else's. */
export class HostStep extends SingleStep {
  private readonly work: () => void;
  private readonly k: Kernel;

  constructor(k: Kernel, name: string, verb: string, work: () => void, spends?: Spend) {
    super(name, verb, spends);
    this.k = k;
    this.work = work;
    k.agenda.add(this);
  }

  arm(ticks = 0): void {
    const { agenda } = this.k;
    if (!agenda.isArmed(this.place)) agenda.arm(this.place, agenda.now + ticks);
  }

  take(): boolean {
    const { k } = this;
    if (!k.agenda.isArmed(this.place)) return false;
    k.agenda.disarm(this.place);
    k.context = Context.PROCESS;
    k.side = Side.LENT;
    this.work();
    return true;
  }
}

declareState(HostStep, { constant: 'k work' });
