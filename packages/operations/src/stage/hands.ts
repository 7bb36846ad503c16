// Who takes part on the stage: those who do one thing once, and those who hold a packet and let go of it.
import { SingleStep, declareState, type Kernel, type Pipe, type SkBuff } from '@lastref/kernel';
import type { OperationStage } from './stage.ts';

/** Does something once, when it is armed. */
export class Once extends SingleStep {
  private readonly k: Kernel;
  private readonly act: () => void;

  constructor(k: Kernel, name: string, verb: string, act: () => void) {
    super(name, verb);
    this.k = k;
    this.act = act;
    k.agenda.add(this);
  }

  arm(): void {
    this.k.agenda.arm(this.place, this.k.agenda.now);
  }

  take(): boolean {
    if (!this.k.agenda.isArmed(this.place)) return false;
    this.k.agenda.disarm(this.place);
    this.act();
    return true;
  }
}

declareState(Once, {
  constant: 'k act',
});

/** An ACK takes the lock of its socket: where somebody has that, it waits. */
export class Ack extends Once {
  private readonly stage: OperationStage;

  constructor(stage: OperationStage, name: string, act: () => void) {
    super(stage.k, name, 'arrives', act);
    this.stage = stage;
  }

  get comesIn(): boolean {
    return true;
  }

  override choices(out: number[]): void {
    if (this.stage.mayAck) super.choices(out);
  }

  override take(): boolean {
    return this.stage.mayAck && super.take();
  }
}

declareState(Ack, {
  constant: 'stage',
});

/** Hands that hold an skb: enough for any operation. */
export const HANDS = 8;
/** Who has a packet that TCP has sent, and nothing else does anything with. */
export const TX_RING = 'tx ring';

/** One pair of hands: its name is that of who holds, its step lets go. */
export class Hand extends SingleStep {
  private readonly stage: OperationStage;
  skb: SkBuff | null = null;
  pipe: Pipe | null = null;
  who = '';

  constructor(stage: OperationStage, n: number) {
    super(`hand ${n}`, 'reads and lets go');
    this.stage = stage;
    stage.k.agenda.add(this);
  }

  override item(): number {
    return 0;
  }

  override choices(out: number[]): void {
    if (this.stage.mayLetGo(this)) super.choices(out);
  }

  /** kfree_skb of a packet that is in no queue any more takes no lock. */
  get comesIn(): boolean {
    return true;
  }

  take(): boolean {
    return this.stage.letGo(this);
  }
}

declareState(Hand, {
  state: 'skb pipe who',
  constant: 'stage',
});
