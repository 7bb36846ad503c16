// What a file descriptor stands for: a socket, an epoll set, an end of a pipe, a file.
import {
  TcpState,
  isWriteable,
  type InetListen,
  type MainSock,
  type Pipe,
  type SocketUser,
} from '@lastref/kernel';
import { CONSTANTS } from '../values.ts';
import type { SocketErrors } from './machine.ts';

export const IN = CONSTANTS['EPOLLIN']!;
export const OUT = CONSTANTS['EPOLLOUT']!;
export const ERR = CONSTANTS['EPOLLERR']!;
export const HUP = CONSTANTS['EPOLLHUP']!;
export const RDHUP = CONSTANTS['EPOLLRDHUP']!;
const EDGE = CONSTANTS['EPOLLET']!;
const ONESHOT = CONSTANTS['EPOLLONESHOT']!;

/** A TCP socket in any of its lives. */
export class SocketFile implements SocketUser {
  readonly kind = 'socket';
  /** The number that the machine knows it by as a producer. */
  readonly id: number;
  nonblock = false;
  zerocopy = false;
  inq = false;
  userMss: number | undefined = undefined;
  sndbuf: number | undefined = undefined;
  rcvbuf: number | undefined = undefined;
  userTimeout = 0;
  notsentLowat = 0;
  nonagle = 0;
  lingerNow = false;
  port = 0;
  listen: InetListen | null = null;
  /** Open, and not accepted. */
  readonly waiting: SocketFile[] = [];
  sk: MainSock | null = null;
  errors: SocketErrors | null = null;
  wasEstablished = false;
  /** Who hears of events. */
  readonly watchers = new Set<(events: number) => void>();

  constructor(id: number) {
    this.id = id;
  }

  /** Events go to whoever watches. */
  wake(events: number): void {
    for (const watcher of this.watchers) watcher(events);
  }

  established(): void {
    this.wasEstablished = true;
    this.wake(OUT);
  }

  dataReady(): void {
    this.wake(IN | RDHUP);
  }

  writeSpace(): void {
    this.wake(OUT);
  }

  closed(): void {
    this.wake(IN | OUT | ERR | HUP);
  }

  /** What poll() says now. @kernel net/ipv4/tcp.c tcp_poll */
  poll(): number {
    const { sk } = this;
    if (this.listen !== null) return this.waiting.length > 0 ? IN : 0;
    let events = (this.errors?.length ?? 0) > 0 ? ERR : 0;
    if (sk === null) return events | OUT | HUP;
    if (sk.error !== null) events |= ERR;
    if ((sk.shutdown & 3) === 3 || sk.state === TcpState.CLOSED) events |= HUP;
    if ((sk.shutdown & 1) !== 0) events |= IN | RDHUP;
    if (sk.state === TcpState.SYN_SENT || sk.state === TcpState.SYN_RECV) return events;
    if (sk.rcvNxt !== sk.copiedSeq && sk.receiveQueue.qlen > 0) events |= IN;
    if ((sk.shutdown & 2) !== 0) return events | OUT;
    if (isWriteable(sk, 1)) return events | OUT;
    sk.noSpace = true;
    return events;
  }
}

interface Interest {
  readonly file: SocketFile;
  readonly fd: number;
  events: number;
  ready: boolean;
  disabled: boolean;
  readonly hears: (events: number) => void;
}

/** @kernel fs/eventpoll.c */
export class EpollFile {
  readonly kind = 'epoll';
  private readonly interests = new Map<number, Interest>();
  /** In the order in which they became ready. */
  private queue: Interest[] = [];

  add(fd: number, file: SocketFile, events: number): void {
    const interest: Interest = {
      file,
      fd,
      events,
      ready: false,
      disabled: false,
      hears: (what) => this.callback(interest, what),
    };
    this.interests.set(fd, interest);
    file.watchers.add(interest.hears);
    if ((file.poll() & wanted(interest)) !== 0) this.makeReady(interest);
  }

  has(fd: number): boolean {
    return this.interests.has(fd);
  }

  modify(fd: number, events: number): void {
    const interest = this.interests.get(fd)!;
    interest.events = events;
    interest.disabled = false;
    if ((interest.file.poll() & wanted(interest)) !== 0) this.makeReady(interest);
  }

  remove(fd: number): void {
    const interest = this.interests.get(fd);
    if (interest === undefined) return;
    interest.file.watchers.delete(interest.hears);
    this.interests.delete(fd);
    this.queue = this.queue.filter((other) => other !== interest);
  }

  /** @kernel fs/eventpoll.c ep_poll_callback */
  private callback(interest: Interest, what: number): void {
    if (!interest.disabled && (what & wanted(interest)) !== 0) this.makeReady(interest);
  }

  private makeReady(interest: Interest): void {
    if (interest.ready) return;
    interest.ready = true;
    this.queue.push(interest);
  }

  /** @kernel fs/eventpoll.c ep_send_events */
  take(most: number): { events: number; fd: number }[] {
    const found: { events: number; fd: number }[] = [];
    const again: Interest[] = [];
    const looked = this.queue;
    this.queue = [];
    for (const interest of looked) {
      if (found.length >= most) {
        again.push(interest);
        continue;
      }
      interest.ready = false;
      if (interest.disabled) continue;
      const events = interest.file.poll() & wanted(interest);
      if (events === 0) continue;
      found.push({ events, fd: interest.fd });
      if ((interest.events & ONESHOT) !== 0) interest.disabled = true;
      else if ((interest.events & EDGE) === 0) again.push(interest);
    }
    for (const interest of again) {
      interest.ready = false;
      this.makeReady(interest);
    }
    return found;
  }
}

function wanted({ events }: Interest): number {
  return (events | ERR | HUP) & 0xffff;
}

export interface PipeFile {
  readonly kind: 'pipe';
  readonly pipe: Pipe;
  readonly end: 'read' | 'write';
}

export interface DataFile {
  readonly kind: 'file';
  readonly bytes: number;
}

export type Descriptor = SocketFile | EpollFile | PipeFile | DataFile;
