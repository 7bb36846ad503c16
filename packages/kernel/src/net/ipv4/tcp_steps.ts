// What of a socket happens by itself: its timers, and the tasklet that sends on what was held back.
import { SingleStep, Spend } from '../../agenda.ts';
import { Side } from '../../ledger.ts';
import { declareState } from '../../state.ts';
import type { TcpSock } from './tcp_sock.ts';

export class RetransmitTimer extends SingleStep {
  readonly sk: TcpSock;

  constructor(sk: TcpSock) {
    super(`rto ${sk.name}`, 'fires', Spend.TIMEOUT);
    this.sk = sk;
  }

  take(): boolean {
    return this.sk.stack.onRetransmitTimer(this.sk);
  }

  override get lendsNothing(): boolean {
    return this.sk.side === Side.PEER;
  }
}

declareState(RetransmitTimer, {
  state: 'sk',
});

export class DelackTimer extends SingleStep {
  readonly sk: TcpSock;

  constructor(sk: TcpSock) {
    super(`delack ${sk.name}`, 'fires');
    this.sk = sk;
  }

  take(): boolean {
    return this.sk.stack.onDelackTimer(this.sk);
  }

  override get lendsNothing(): boolean {
    return this.sk.side === Side.PEER;
  }
}

declareState(DelackTimer, {
  state: 'sk',
});

/** tcp_wfree has queued the socket to the tasklet. @kernel net/ipv4/tcp_output.c tcp_tasklet_func (3.6) */
export class TsqTasklet extends SingleStep {
  readonly sk: TcpSock;

  constructor(sk: TcpSock) {
    super(`tsq ${sk.name}`, 'sends on');
    this.sk = sk;
  }

  schedule(): void {
    const { agenda } = this.sk.k;
    if (!agenda.isArmed(this.place)) agenda.arm(this.place, agenda.now);
  }

  take(): boolean {
    const { agenda } = this.sk.k;
    if (!agenda.isArmed(this.place)) return false;
    agenda.disarm(this.place);
    this.sk.stack.onTsq(this.sk);
    return true;
  }

  override get lendsNothing(): boolean {
    return this.sk.side === Side.PEER;
  }
}

declareState(TsqTasklet, {
  state: 'sk',
});
