// Calls that send and read: bytes, pages, files, pipes, and the error queue.
import {
  Context as Where,
  Pipe,
  TcpState,
  mainSendmsg,
  tcpRecvmsg,
  tcpSpliceRead,
  type Loan,
  type MainSock,
  type Piece,
} from '@lastref/kernel';
import type { Expression } from '../ast.ts';
import { Differs, NotKnown } from '../errors.ts';
import { printExpression } from '../print.ts';
import { CONSTANTS as C, isNull, itemsOf, memberOf, numberOf } from '../values.ts';
import { inq } from './calls-options.ts';
import { takeError } from './calls-setup.ts';
import {
  DONE,
  fails,
  now,
  type Attempt,
  type Context,
  type Handler,
  type Outcome,
} from './context.ts';
import type { SocketFile } from './descriptors.ts';
import { readErrors } from './errors-queue.ts';

const SEND_KNOWN =
  C['MSG_ZEROCOPY']! | C['MSG_MORE']! | C['MSG_EOR']! | C['MSG_NOSIGNAL']! | C['MSG_DONTWAIT']!;

interface Sending {
  readonly sizes: readonly number[];
  readonly flags: number;
  /** The pages are a file's or a pipe's, and shared. */
  readonly shared?: boolean;
}

/** Queues all of it, however long that takes; or as much as there is room for. */
function sender(ctx: Context, file: SocketFile, { sizes, flags, shared }: Sending): Attempt {
  if ((flags & ~SEND_KNOWN) !== 0)
    throw new NotKnown(`send flags 0x${(flags & ~SEND_KNOWN).toString(16)}`);
  if (sizes.some((n) => n < 0)) throw new NotKnown('a size below 0');
  const { machine } = ctx;
  const size = sizes.reduce((sum, n) => sum + n, 0);
  const lends = (flags & C['MSG_ZEROCOPY']!) !== 0 && file.zerocopy && size > 0;
  const kind: Piece['how'] = lends ? 'lend' : shared === true ? 'share' : 'copy';
  const waits = !file.nonblock && (flags & C['MSG_DONTWAIT']!) === 0;
  let pieces: Piece[] | null = null;
  let loan: Loan | null = null;
  let sent = 0;
  const over = (outcome: Outcome): Outcome => {
    if (loan !== null) machine.k.release(loan);
    if (pieces !== null) machine.free(pieces, loan);
    return outcome;
  };
  return () => {
    const { sk } = file;
    if (sk !== null && (sk.state === TcpState.SYN_SENT || sk.state === TcpState.SYN_RECV))
      return waits ? null : over(fails('EAGAIN'));
    const refused = cannotSend(file, sk);
    if (refused !== null) return over(sent > 0 ? { value: sent } : refused);
    if (size === 0) return { value: 0 };
    machine.k.context = Where.PROCESS;
    machine.k.side = sk!.side;
    if (pieces === null) {
      pieces = machine.pages(sizes, kind);
      if (lends) loan = machine.k.newLoan(file.id, 0);
    } else if (sk!.noSpace) {
      return null;
    }
    const how = {
      more: (flags & C['MSG_MORE']!) !== 0,
      eor: (flags & C['MSG_EOR']!) !== 0,
      waits,
    };
    sent += mainSendmsg(sk!, pieces, loan, how, sent);
    if (loan !== null && sent === size) machine.k.lifetime.returned(loan);
    if (sent === size) return over({ value: size });
    if (waits) return null;
    return over(sent > 0 ? { value: sent } : fails('EAGAIN'));
  };
}

function cannotSend(file: SocketFile, sk: MainSock | null): Outcome | null {
  if (sk === null) return fails('EPIPE');
  const error = takeError(file);
  if (error !== null) return error;
  return (sk.shutdown & 2) !== 0 || !sk.canSend ? fails('EPIPE') : null;
}

const write: Handler = ({ args }, ctx) => {
  const file = ctx.socket(args[0]);
  if (isNull(args[1])) return now(() => fails('EFAULT'));
  return sender(ctx, file, { sizes: [numberOf(args[2])], flags: 0 });
};

const send: Handler = ({ args }, ctx) => {
  const file = ctx.socket(args[0]);
  if (isNull(args[1])) return now(() => fails('EFAULT'));
  return sender(ctx, file, { sizes: [numberOf(args[2])], flags: numberOf(args[3]) });
};

/** The lengths of msg_iov, or of a list of them. */
function lengths(iov: Expression | undefined): number[] {
  return itemsOf(iov).map((e) => {
    if (e.kind !== 'struct' || e.members.length !== 2)
      throw new NotKnown(`${printExpression(e)} in an iovec`);
    return numberOf(e.members[1]!.value);
  });
}

const writev: Handler = ({ args }, ctx) =>
  sender(ctx, ctx.socket(args[0]), { sizes: lengths(args[1]), flags: 0 });

const sendmsg: Handler = ({ args }, ctx) => {
  const file = ctx.socket(args[0]);
  if (memberOf(args[1], 'msg_control') !== undefined)
    throw new NotKnown('sendmsg with msg_control');
  return sender(ctx, file, {
    sizes: lengths(memberOf(args[1], 'msg_iov')),
    flags: numberOf(args[2]),
  });
};

const sendfile: Handler = ({ args }, ctx) => {
  const file = ctx.socket(args[0]);
  const source = ctx.file(args[1]);
  if (source.kind !== 'file') throw new NotKnown(`sendfile from a ${source.kind}`);
  const from = isNull(args[2]) ? 0 : numberOf(args[2]);
  const size = Math.max(0, Math.min(numberOf(args[3]), source.bytes - from));
  return sender(ctx, file, { sizes: [size], flags: 0, shared: true });
};

/** @kernel net/ipv4/tcp.c tcp_recvmsg_locked (6.12) */
function reader(ctx: Context, file: SocketFile, size: number, flags: number): Attempt {
  const known = C['MSG_DONTWAIT']! | C['MSG_NOSIGNAL']!;
  if ((flags & ~known) !== 0) throw new NotKnown(`receive flags 0x${flags.toString(16)}`);
  const waits = !file.nonblock && (flags & C['MSG_DONTWAIT']!) === 0;
  return () => {
    const { sk } = file;
    if (sk === null) return fails('ENOTCONN');
    ctx.machine.k.context = Where.PROCESS;
    ctx.machine.k.side = sk.side;
    const n = tcpRecvmsg(sk, { bytes: () => undefined }, size);
    if (n > 0 || size === 0) return { value: n };
    const error = takeError(file);
    if (error !== null) return error;
    if ((sk.shutdown & 1) !== 0 || sk.finReceived) return DONE;
    if (sk.state === TcpState.CLOSED) return file.wasEstablished ? DONE : fails('ENOTCONN');
    return waits ? null : fails('EAGAIN');
  };
}

/** A read into memory that is not there: what comes first decides. */
function readNull(file: SocketFile): Attempt {
  return () => {
    const { sk } = file;
    if (sk === null) return fails('ENOTCONN');
    return inq(sk) > 0 ? fails('EFAULT') : file.nonblock ? fails('EAGAIN') : null;
  };
}

const read: Handler = ({ args }, ctx) => {
  const file = ctx.socket(args[0]);
  if (isNull(args[1])) return readNull(file);
  return reader(ctx, file, numberOf(args[2]), 0);
};

const recv: Handler = ({ args }, ctx) => {
  const file = ctx.socket(args[0]);
  if (isNull(args[1])) return readNull(file);
  return reader(ctx, file, numberOf(args[2]), numberOf(args[3]));
};

const recvmsg: Handler = ({ args }, ctx) => {
  const file = ctx.socket(args[0]);
  const flags = numberOf(args[2]);
  if ((flags & C['MSG_ERRQUEUE']!) !== 0) return readErrors(ctx, file, args[1]);
  const size = lengths(memberOf(args[1], 'msg_iov')).reduce((sum, n) => sum + n, 0);
  const attempt = reader(ctx, file, size, flags);
  return () => {
    const outcome = attempt();
    if (outcome !== null && outcome.value >= 0) checkInq(file, memberOf(args[1], 'msg_control'));
    return outcome;
  };
};

/** What recvmsg tells of the bytes that are left. @kernel net/ipv4/tcp.c tcp_inq_hint (4.18) */
function checkInq(file: SocketFile, control: Expression | undefined): void {
  const items = control === undefined ? [] : itemsOf(control);
  if (items.length !== Number(file.inq))
    throw new Differs(`${file.inq ? 1 : 0} control messages came, ${items.length} are expected`);
  const [item] = items;
  if (item === undefined) return;
  if (numberOf(memberOf(item, 'cmsg_type')) !== C['TCP_CM_INQ'])
    throw new NotKnown(`the control message ${printExpression(item)}`);
  const sk = file.sk!;
  const left = inq(sk);
  const actual = left === 0 && sk.finReceived ? 1 : left;
  const expected = numberOf(memberOf(item, 'cmsg_data'));
  if (expected !== actual) throw new Differs(`TCP_CM_INQ: expected ${expected}, got ${actual}`);
}

const open: Handler = ({ args }, ctx) => {
  const [path] = args;
  if (path?.kind !== 'string') throw new NotKnown('open without a path');
  const bytes = ctx.files.get(path.text);
  if (bytes === undefined) return now(() => fails('ENOENT'));
  return now(() => ({ value: 0, made: { kind: 'file', bytes } }));
};

const pipe: Handler = ({ args }, ctx) => {
  const [from, to] = itemsOf(args[0]).map(numberOf);
  if (from === undefined || to === undefined) throw new NotKnown('pipe without two numbers');
  return now(() => {
    const made = new Pipe(ctx.machine.k);
    ctx.fds.set(from, { kind: 'pipe', pipe: made, end: 'read' });
    ctx.fds.set(to, { kind: 'pipe', pipe: made, end: 'write' });
    return DONE;
  });
};

const splice: Handler = ({ args }, ctx) => {
  const source = ctx.file(args[0]);
  const sink = ctx.file(args[2]);
  const size = numberOf(args[4]);
  if (!isNull(args[1]) || !isNull(args[3])) throw new NotKnown('splice with an offset');
  if (source.kind === 'socket' && sink.kind === 'pipe')
    return spliceIn(ctx, source, sink.pipe, size);
  if (source.kind === 'pipe' && sink.kind === 'socket') {
    const bytes = Math.min(size, source.pipe.bytes);
    const attempt = sender(ctx, sink, { sizes: [bytes], flags: 0, shared: true });
    return () => {
      const outcome = attempt();
      for (let left = outcome?.value ?? 0; left > 0;) {
        const n = Math.min(left, source.pipe.buffers[0]?.size ?? left);
        source.pipe.consume(n);
        left -= n;
      }
      return outcome;
    };
  }
  throw new NotKnown(`splice from a ${source.kind} to a ${sink.kind}`);
};

/** @kernel net/ipv4/tcp.c tcp_splice_read */
function spliceIn(ctx: Context, file: SocketFile, to: Pipe, size: number): Attempt {
  return () => {
    const { sk } = file;
    if (sk === null) return fails('ENOTCONN');
    ctx.machine.k.context = Where.PROCESS;
    const urgent = sk.urgSeq === -1 ? size : (sk.urgSeq - sk.copiedSeq) | 0;
    const most = urgent >= 0 ? Math.min(size, urgent) : size;
    if (most === 0 && urgent === 0) return DONE; // it stands at urgent data, which is not spliced
    const n = tcpSpliceRead(sk, to, most);
    if (n > 0) return { value: n };
    if (sk.finReceived || (sk.shutdown & 1) !== 0) return DONE;
    return file.nonblock ? fails('EAGAIN') : null;
  };
}

export const DATA_CALLS: Readonly<Record<string, Handler>> = {
  write,
  writev,
  send,
  sendto: send,
  sendmsg,
  sendfile,
  read,
  recv,
  recvfrom: recv,
  recvmsg,
  open,
  pipe,
  splice,
};
