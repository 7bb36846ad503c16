// setsockopt, getsockopt, ioctl.
import { Nagle, TcpState, pushPending, type Era, type MainSock } from '@lastref/kernel';
import type { Expression } from '../ast.ts';
import { NotKnown } from '../errors.ts';
import { printExpression } from '../print.ts';
import { CONSTANTS as C, itemsOf, memberOf, numberOf } from '../values.ts';
import { DONE, expectValue, fails, now, type Handler } from './context.ts';
import type { SocketFile } from './descriptors.ts';
import { mustBeThere } from './since.ts';

/** @kernel include/net/sock.h SOCK_MIN_SNDBUF, SOCK_MIN_RCVBUF */
const SNDBUF_MIN = 4608;
const RCVBUF_MIN = 2304;
/** @kernel include/net/tcp.h TCP_MIN_MSS, MAX_TCP_WINDOW */
const MSS_RANGE = [88, 32_767] as const;

interface OptionOfSocket {
  set(file: SocketFile, value: number, given: Expression): void;
  readonly get?: (file: SocketFile) => number;
}

const STAMPS = [
  ['SOF_TIMESTAMPING_TX_SCHED', 'SCHED'],
  ['SOF_TIMESTAMPING_TX_SOFTWARE', 'SND'],
  ['SOF_TIMESTAMPING_TX_ACK', 'ACK'],
] as const;

const NOTHING: OptionOfSocket = { set: () => undefined };

/** By level and name, as the script writes them. */
const OPTIONS: Readonly<Record<string, OptionOfSocket>> = {
  'SOL_SOCKET SO_REUSEADDR': NOTHING,
  'SOL_SOCKET SO_REUSEPORT': NOTHING,
  'SOL_SOCKET SO_MARK': NOTHING,
  'SOL_SOCKET SO_PRIORITY': NOTHING,
  'SOL_IP IP_TOS': NOTHING,
  'SOL_IP IP_FREEBIND': NOTHING,
  'SOL_IP IP_MTU_DISCOVER': NOTHING,
  'SOL_SOCKET SO_ZEROCOPY': {
    set: (file, value) => (file.zerocopy = value !== 0),
    get: (file) => Number(file.zerocopy),
  },
  'SOL_SOCKET SO_SNDBUF': {
    set(file, value) {
      file.sndbuf = Math.max(2 * value, SNDBUF_MIN);
      if (file.sk !== null) {
        file.sk.sndbuf = file.sndbuf;
        file.sk.sndbufLocked = true;
      }
    },
    get: (file) => file.sndbuf ?? file.sk?.sndbuf ?? 16_384,
  },
  'SOL_SOCKET SO_RCVBUF': {
    set(file, value) {
      file.rcvbuf = Math.max(2 * value, RCVBUF_MIN);
      if (file.sk !== null) {
        file.sk.rcvbuf = file.rcvbuf;
        file.sk.rcvbufLocked = true;
      }
    },
    get: (file) => file.rcvbuf ?? file.sk?.rcvbuf ?? 131_072,
  },
  'SOL_SOCKET SO_LINGER': {
    set(file, _value, given) {
      const on = numberOf(memberOf(given, 'onoff'));
      const ticks = numberOf(memberOf(given, 'linger'));
      if (on !== 0 && ticks !== 0) throw new NotKnown('SO_LINGER with a time');
      file.lingerNow = on !== 0;
    },
  },
  'SOL_SOCKET SO_TIMESTAMPING': {
    set(file, value) {
      if (file.sk === null) throw new NotKnown('SO_TIMESTAMPING before the connection');
      const needs = C['SOF_TIMESTAMPING_SOFTWARE']! | C['SOF_TIMESTAMPING_OPT_ID']!;
      let left = value & ~needs;
      file.sk.stampKinds = STAMPS.filter(([flag]) => {
        const asked = (left & C[flag]!) !== 0;
        left &= ~C[flag]!;
        return asked;
      }).map(([, kind]) => kind);
      if (left !== 0 || (value & needs) !== needs)
        throw new NotKnown(`SO_TIMESTAMPING with flags 0x${value.toString(16)}`);
      file.sk.stampsFrom = file.sk.sndUna; // OPT_ID of a stream counts from what is acknowledged
    },
  },
  'SOL_SOCKET SO_ERROR': {
    set: () => undefined,
    get(file) {
      const error = file.sk?.error ?? null;
      if (file.sk !== null) file.sk.error = null;
      return error === null ? 0 : (ERRNOS[error] ?? -1);
    },
  },
  'SOL_TCP TCP_NODELAY': {
    set: (file, value) => nagle(file, Nagle.OFF, value !== 0, true),
    get: (file) => Number((nonagle(file) & Nagle.OFF) !== 0),
  },
  'SOL_TCP TCP_CORK': {
    set: (file, value) => nagle(file, Nagle.CORK, value !== 0, value === 0),
    get: (file) => Number((nonagle(file) & Nagle.CORK) !== 0),
  },
  'SOL_TCP TCP_MAXSEG': {
    set(file, value) {
      file.userMss = value;
      if (file.sk !== null) file.sk.userMss = value;
    },
    get(file) {
      const { sk } = file;
      if (sk === null || sk.state === TcpState.CLOSED) return file.userMss ?? 536;
      return sk.mss;
    },
  },
  'SOL_TCP TCP_USER_TIMEOUT': {
    set(file, value) {
      file.userTimeout = value;
      if (file.sk !== null) file.sk.userTimeout = value;
    },
    get: (file) => file.userTimeout,
  },
  'SOL_TCP TCP_NOTSENT_LOWAT': {
    set(file, value) {
      file.notsentLowat = value;
      if (file.sk !== null) file.sk.notsentLowat = value;
    },
    get: (file) => file.notsentLowat,
  },
  'SOL_TCP TCP_INQ': {
    set: (file, value) => (file.inq = value !== 0),
    get: (file) => Number(file.inq),
  },
};

const ERRNOS: Readonly<Record<string, number>> = {
  EPIPE: 32,
  ECONNRESET: 104,
  ETIMEDOUT: 110,
  ECONNREFUSED: 111,
};

function nonagle(file: SocketFile): number {
  return file.sk?.nonagle ?? file.nonagle;
}

/** @kernel net/ipv4/tcp.c __tcp_sock_set_nodelay, __tcp_sock_set_cork */
function nagle(file: SocketFile, bit: number, on: boolean, pushes: boolean): void {
  const next = on ? nonagle(file) | bit : nonagle(file) & ~bit;
  file.nonagle = next;
  const sk: MainSock | null = file.sk;
  if (sk === null) return;
  sk.nonagle = next;
  if (!pushes || sk.state < TcpState.ESTABLISHED) return;
  const corked = (next & Nagle.CORK) !== 0;
  if (on && bit === Nagle.OFF) pushPending(sk, corked ? Nagle.PUSH : next | Nagle.PUSH);
  else pushPending(sk, next);
}

function option(args: readonly Expression[], era: Era): [OptionOfSocket, string] {
  const [, level, called] = args;
  if (level === undefined || called === undefined)
    throw new NotKnown('a socket option without a name');
  const name = `${printExpression(level)} ${printExpression(called)}`.replace(
    /^(IPPROTO_TCP|SOL_TCP)/,
    'SOL_TCP',
  );
  const found = OPTIONS[name];
  if (found === undefined) throw new NotKnown(`the socket option ${name}`);
  mustBeThere(era, name);
  return [found, name];
}

function isTooSmall(name: string, value: number): boolean {
  return (
    name === 'SOL_TCP TCP_MAXSEG' && value !== 0 && (value < MSS_RANGE[0] || value > MSS_RANGE[1])
  );
}

const setsockopt: Handler = ({ args }, ctx) => {
  const file = ctx.socket(args[0]);
  const [found, name] = option(args, ctx.machine.k.era);
  const [, , , given] = args;
  if (given === undefined) throw new NotKnown(`${name} without a value`);
  const value = given.kind === 'struct' ? 0 : numberOf(itemsOf(given)[0]);
  return now(() => {
    if (isTooSmall(name, value)) return fails('EINVAL');
    found.set(file, value, given);
    return DONE;
  });
};

const getsockopt: Handler = ({ args }, ctx) => {
  const file = ctx.socket(args[0]);
  const [found, name] = option(args, ctx.machine.k.era);
  if (found.get === undefined) throw new NotKnown(`getsockopt of ${name}`);
  const expected = numberOf(itemsOf(args[3])[0]);
  return now(() => {
    expectValue(`getsockopt ${name}`, expected >>> 0, (found.get?.(file) ?? 0) >>> 0);
    return DONE;
  });
};

const ioctl: Handler = ({ args }, ctx) => {
  const file = ctx.socket(args[0]);
  const request = numberOf(args[1]);
  const expected = numberOf(itemsOf(args[2])[0]);
  return now(() => {
    const { sk } = file;
    if (sk === null) return fails('EINVAL');
    if (request === C['SIOCINQ']) expectValue('ioctl SIOCINQ', expected, inq(sk));
    else if (request === C['SIOCOUTQ'])
      expectValue('ioctl SIOCOUTQ', expected, (sk.writeSeq - sk.sndUna) | 0);
    else throw new NotKnown(`ioctl request ${request}`);
    return DONE;
  });
};

/** @kernel include/net/tcp.h tcp_inq */
export function inq(sk: MainSock): number {
  const fin = sk.finReceived ? 1 : 0;
  return Math.max(0, ((sk.rcvNxt - sk.copiedSeq) | 0) - fin);
}

export const OPTION_CALLS: Readonly<Record<string, Handler>> = { setsockopt, getsockopt, ioctl };
