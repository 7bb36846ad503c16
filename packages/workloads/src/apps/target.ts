// The target side of a storage protocol: it listens, accepts one initiator and serves it from buffers of its own.
// Whoever else connects waits in the accept queue.
import {
  Context,
  SingleStep,
  declareState,
  type InetListen,
  type Kernel,
  type Listener,
  type Route,
  type Side,
  type SocketUser,
  type TcpHost,
} from '@lastref/kernel';
import type { StreamProducer } from '../producers/stream.ts';
import type { Abortable } from './teardown.ts';

export class Target extends SingleStep implements Listener, Abortable {
  readonly k: Kernel;
  readonly host: TcpHost;
  readonly route: Route;
  readonly side: Side;
  readonly port: number;
  private readonly producer: StreamProducer;
  private readonly socket: InetListen;
  private serving = false;

  constructor(
    k: Kernel,
    host: TcpHost,
    route: Route,
    side: Side,
    port: number,
    producer: StreamProducer,
  ) {
    super('target accept', 'accepts a connection');
    this.k = k;
    this.host = host;
    this.route = route;
    this.side = side;
    this.port = port;
    this.producer = producer;
    this.socket = host.listen(port, this);
    k.agenda.add(this);
  }

  waiting(): void {
    if (!this.serving) this.k.agenda.arm(this.place, this.k.agenda.now);
  }

  take(): boolean {
    const { k } = this;
    if (!k.agenda.isArmed(this.place)) return false;
    k.agenda.disarm(this.place);
    k.context = Context.PROCESS;
    k.side = this.side;
    this.serving = this.socket.accept();
    return true;
  }

  accept(): SocketUser {
    return this.producer;
  }

  /** The listener is stopped: connections that wait are reset, the one that is served is cut off. */
  abort(): void {
    this.k.side = this.side;
    this.k.agenda.disarm(this.place);
    this.host.closeListener(this.port);
    this.producer.abort();
  }
}

declareState(Target, {
  state: 'host producer socket serving',
  constant: 'k route side port',
});
