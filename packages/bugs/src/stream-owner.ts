import {
  TcpState,
  declareState,
  tcpClose,
  tcpPush,
  type Kernel,
  type SocketUser,
  type TcpSock,
} from '@lastref/kernel';
import { Act } from './act.ts';
import { Owner } from './owner.ts';

/** A program above a socket, which sends one operation after the other and does not wait until it is told. */
export abstract class StreamOwner extends Owner implements SocketUser {
  protected sk: TcpSock | null = null;
  private readonly submitStep: Act;
  private started = 0;

  constructor(k: Kernel, name: string, operations: number) {
    super(k, name, operations);
    this.submitStep = new Act(k, `${name} submit`, 'submits', () => this.submit());
  }

  /** Sends operation `op`, from 1: the socket has room for it. */
  protected abstract send(sk: TcpSock, op: number): void;

  private submit(): void {
    const { sk } = this;
    if (sk === null || sk.dead || sk.state === TcpState.CLOSED) return;
    sk.corked = true;
    this.send(sk, ++this.started);
    sk.corked = false;
    tcpPush(sk);
    if (this.started < this.operations) this.submitStep.arm();
  }

  established(sk: TcpSock): void {
    this.sk = sk;
    this.submitStep.arm();
  }

  writeSpace(): void {}

  dataReady(): void {}

  closed(sk: TcpSock): void {
    tcpClose(sk);
  }
}

declareState(StreamOwner, {
  state: 'sk started',
  constant: 'submitStep',
});
