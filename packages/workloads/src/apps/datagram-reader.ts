// The application behind a datagram socket: reads one datagram after the other, slowly if asked to.
import {
  Context,
  Party,
  SingleStep,
  declareState,
  udpRecvmsg,
  type DatagramUser,
  type Kernel,
  type UdpSock,
} from '@lastref/kernel';

export class DatagramReader extends SingleStep implements DatagramUser {
  private readonly k: Kernel;
  private readonly sk: UdpSock;
  private readonly readTicks: number;

  /** Reads from `sk`, each time `readTicks` after it could. */
  constructor(k: Kernel, name: string, sk: UdpSock, readTicks: number) {
    super(`${name} read`, 'reads a datagram');
    this.k = k;
    this.sk = sk;
    this.readTicks = readTicks;
    sk.user = this;
    k.agenda.add(this);
  }

  datagramReady(): void {
    const { agenda } = this.k;
    if (!agenda.isArmed(this.place)) agenda.arm(this.place, agenda.now + this.readTicks);
  }

  override get party(): Party {
    return Party.READER;
  }

  take(): boolean {
    const { k, sk } = this;
    if (!k.agenda.isArmed(this.place)) return false;
    k.agenda.disarm(this.place);
    k.context = Context.PROCESS;
    k.side = sk.side;
    udpRecvmsg(sk, null);
    if (sk.receiveQueue.qlen > 0) this.datagramReady();
    return true;
  }
}

declareState(DatagramReader, {
  state: 'sk',
  constant: 'k readTicks',
});
