// Locks that a step takes and gives back before it ends. Who has to wait for one that nobody can give back waits for ever:
// that is told, and the machine stands still from there on.
import { Halted } from './errors.ts';
import type { Kernel } from './kernel.ts';
import { declareState } from './state.ts';

/** Has it: a processor, or nobody any more who could give it back. */
const NOBODY = -1;
const LEFT = 2;

/** @kernel include/linux/spinlock.h spinlock_t */
export class SpinLock {
  readonly name: string;
  private readonly k: Kernel;
  private holder = NOBODY;

  /** `name`: in the field's words, for whoever reads that somebody waits for it. */
  constructor(k: Kernel, name: string) {
    this.k = k;
    this.name = name;
  }

  get held(): boolean {
    return this.holder !== NOBODY;
  }

  /** Whoever had it is gone, and nobody gives it back. */
  get left(): boolean {
    return this.holder === LEFT;
  }

  /**
   * spin_lock. Throws Halted where it is never given back, or where a step that came in has to wait in the middle.
   */
  lock(): void {
    const { k, name, holder } = this;
    const { agenda } = k;
    k.probe.lockWanted(name);
    if (holder === NOBODY) {
      this.holder = agenda.processor;
      agenda.locks.push(this);
      return;
    }
    if (holder === LEFT) k.stuck(`${name} is taken by a processor, and was never given back`);
    if (holder === agenda.processor) {
      k.stuck(
        agenda.interrupted
          ? `an interrupt takes ${name}, which what it has interrupted holds`
          : `${name} is taken by a processor that holds it already`,
      );
    }
    if (agenda.waiting === null) throw new Halted(this); // what came in waits, and this processor goes on
    k.stuck(
      `one processor holds ${agenda.waiting.name} and takes ${name}, another one holds ${name} and takes ${agenda.waiting.name}`,
    );
  }

  /** spin_unlock. */
  unlock(): void {
    const { agenda } = this.k;
    agenda.locks.splice(agenda.locks.indexOf(this), 1);
    this.holder = NOBODY;
    // the other one would go on here, half way through its step
    if (agenda.waiting === this) throw new Halted(null);
  }

  /** spin_lock_bh: no softirq comes in on this processor until it is given back. */
  lockBh(): void {
    this.k.agenda.softirqsOff++;
    this.lock();
  }

  unlockBh(): void {
    this.unlock();
    this.k.agenda.softirqsOff--;
  }

  /** spin_lock_irqsave: nor does an interrupt. */
  lockIrqsave(): void {
    this.k.agenda.interruptsOff++;
    this.lock();
  }

  unlockIrqrestore(): void {
    this.unlock();
    this.k.agenda.interruptsOff--;
  }

  /** The step is over, and whoever has it gone. */
  leave(): void {
    this.holder = LEFT;
  }
}

declareState(SpinLock, {
  state: 'holder',
  constant: 'k name',
});
