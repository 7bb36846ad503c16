// The numbers behind the names in a script, and values as the calls need them.
import type { Expression, Member } from './ast.ts';
import { NotKnown } from './errors.ts';
import { printExpression } from './print.ts';

/** @kernel include/uapi: x86-64 */
export const CONSTANTS: Readonly<Record<string, number>> = {
  // sockets
  SOCK_STREAM: 1,
  SOCK_NONBLOCK: 0o4000,
  SOCK_CLOEXEC: 0o2000000,
  IPPROTO_TCP: 6,
  IPPROTO_IP: 0,
  AF_INET: 2,
  AF_UNSPEC: 0,
  SOL_SOCKET: 1,
  SOL_IP: 0,
  SOL_TCP: 6,
  CMSG_LEVEL_IP: 0,
  CMSG_TYPE_RECVERR: 11,
  IP_RECVERR: 11,
  SO_REUSEADDR: 2,
  SO_ERROR: 4,
  SO_SNDBUF: 7,
  SO_RCVBUF: 8,
  SO_KEEPALIVE: 9,
  SO_PRIORITY: 12,
  SO_LINGER: 13,
  SO_REUSEPORT: 15,
  SO_MARK: 36,
  SO_TIMESTAMPING: 37,
  SO_ZEROCOPY: 60,
  SCM_TIMESTAMPING: 37,
  IP_TOS: 1,
  IP_FREEBIND: 15,
  IP_MTU_DISCOVER: 10,
  IP_PMTUDISC_DONT: 0,
  IP_PMTUDISC_DO: 2,
  TCP_NODELAY: 1,
  TCP_MAXSEG: 2,
  TCP_CORK: 3,
  TCP_LINGER2: 8,
  TCP_INFO: 11,
  TCP_USER_TIMEOUT: 18,
  TCP_FASTOPEN: 23,
  TCP_TIMESTAMP: 24,
  TCP_NOTSENT_LOWAT: 25,
  TCP_INQ: 36,
  TCP_CM_INQ: 36,
  // flags
  MSG_PEEK: 2,
  MSG_TRUNC: 0x20,
  MSG_DONTWAIT: 0x40,
  MSG_EOR: 0x80,
  MSG_ERRQUEUE: 0x2000,
  MSG_NOSIGNAL: 0x4000,
  MSG_MORE: 0x8000,
  MSG_ZEROCOPY: 0x4000000,
  MSG_FASTOPEN: 0x20000000,
  O_RDONLY: 0,
  O_WRONLY: 1,
  O_RDWR: 2,
  O_NONBLOCK: 0o4000,
  F_GETFL: 3,
  F_SETFL: 4,
  SHUT_RD: 0,
  SHUT_WR: 1,
  SHUT_RDWR: 2,
  SIOCINQ: 0x541b,
  SIOCOUTQ: 0x5411,
  // polling
  EPOLL_CTL_ADD: 1,
  EPOLL_CTL_DEL: 2,
  EPOLL_CTL_MOD: 3,
  EPOLLIN: 1,
  EPOLLOUT: 4,
  EPOLLERR: 8,
  EPOLLHUP: 16,
  EPOLLRDHUP: 0x2000,
  EPOLLEXCLUSIVE: 1 << 28,
  EPOLLONESHOT: 1 << 30,
  EPOLLET: 1 << 31,
  POLLIN: 1,
  POLLOUT: 4,
  POLLERR: 8,
  POLLHUP: 16,
  POLLRDHUP: 0x2000,
  // error queue
  SO_EE_ORIGIN_ZEROCOPY: 5,
  SO_EE_ORIGIN_TIMESTAMPING: 4,
  SO_EE_CODE_ZEROCOPY_COPIED: 1,
  ENOMSG: 42,
  SCM_TSTAMP_SND: 0,
  SCM_TSTAMP_SCHED: 1,
  SCM_TSTAMP_ACK: 2,
  SOF_TIMESTAMPING_TX_HARDWARE: 1,
  SOF_TIMESTAMPING_TX_SOFTWARE: 2,
  SOF_TIMESTAMPING_SOFTWARE: 16,
  SOF_TIMESTAMPING_OPT_ID: 128,
  SOF_TIMESTAMPING_TX_SCHED: 256,
  SOF_TIMESTAMPING_TX_ACK: 512,
  SOF_TIMESTAMPING_OPT_CMSG: 1024,
  SOF_TIMESTAMPING_OPT_TSONLY: 2048,
  NULL: 0,
};

/** A number: written, named, or several of them joined by |. Throws NotKnown for a name without a meaning here. */
export function numberOf(e: Expression | undefined): number {
  if (e === undefined) throw new NotKnown('a value that is missing');
  if (e.kind === 'integer') return e.value;
  if (e.kind === 'or') return e.parts.reduce((sum, part) => sum | numberOf(part), 0);
  if (e.kind === 'list' && e.items.length === 1) return numberOf(e.items[0]);
  if (e.kind === 'word') {
    if (Object.hasOwn(CONSTANTS, e.name)) return CONSTANTS[e.name]!;
    throw new NotKnown(`the name ${e.name}`);
  }
  throw new NotKnown(`the value ${printExpression(e)}`);
}

export function isNull(e: Expression | undefined): boolean {
  return e?.kind === 'word' && e.name === 'NULL';
}

export function membersOf(e: Expression | undefined): readonly Member[] {
  if (e?.kind !== 'struct')
    throw new NotKnown(`${e === undefined ? 'nothing' : printExpression(e)} in place of a { }`);
  return e.members;
}

export function memberOf(e: Expression | undefined, name: string): Expression | undefined {
  return membersOf(e).find((m) => m.name === name)?.value;
}

export function itemsOf(e: Expression | undefined): readonly Expression[] {
  if (e?.kind !== 'list')
    throw new NotKnown(`${e === undefined ? 'nothing' : printExpression(e)} in place of a [ ]`);
  return e.items;
}
