// Calls that make, name and close sockets.
import {
  MainSock,
  Side,
  TcpState,
  mainAbort,
  mainClose,
  mainShutdown,
  type Inherited,
} from '@lastref/kernel';
import { NotKnown } from '../errors.ts';
import { CONSTANTS, numberOf } from '../values.ts';
import { DONE, fails, now, type Context, type Handler } from './context.ts';
import { SocketFile } from './descriptors.ts';
import { BIND_PORT, REMOTE } from './machine.ts';

const NONBLOCK = CONSTANTS['O_NONBLOCK']!;

const socket: Handler = ({ args }, ctx) => {
  const type = numberOf(args[1]);
  const protocol = args[2] === undefined ? 0 : numberOf(args[2]);
  if ((type & 0xf) !== 1 || (protocol !== 6 && protocol !== 0))
    throw new NotKnown('a socket that is not of TCP');
  const made = ctx.newSocket();
  made.nonblock = (type & NONBLOCK) !== 0;
  return now(() => ({ value: 0, made }));
};

const bind: Handler = ({ args }, ctx) => {
  const file = ctx.socket(args[0]);
  return now(() => {
    file.port = BIND_PORT;
    return DONE;
  });
};

function inherited(file: SocketFile): Inherited {
  return {
    ...(file.userMss !== undefined && { userMss: file.userMss }),
    ...(file.sndbuf !== undefined && { sndbuf: file.sndbuf }),
    ...(file.rcvbuf !== undefined && { rcvbuf: file.rcvbuf }),
    nonagle: file.nonagle,
  };
}

const listen: Handler = ({ args }, ctx) => {
  const file = ctx.socket(args[0]);
  const { machine } = ctx;
  return now(() => {
    if (file.listen !== null) return DONE;
    file.port = file.port === 0 ? BIND_PORT : file.port;
    file.listen = machine.host.listen(
      file.port,
      {
        get route() {
          return machine.route();
        },
        side: Side.LENT,
        accept: (sk) => {
          if (!(sk instanceof MainSock)) throw new NotKnown('a socket of another host');
          const made = ctx.newSocket();
          adopt(ctx, made, sk);
          file.waiting.push(made);
          return made;
        },
        waiting: () => {
          file.listen!.accept(); // its number comes with accept()
          file.wake(1);
        },
      },
      () => inherited(file),
    );
    return DONE;
  });
};

/** `file` is the program's side of `sk` from now on. */
export function adopt(ctx: Context, file: SocketFile, sk: MainSock): void {
  file.sk = sk;
  ctx.underTest = sk;
  file.errors = ctx.machine.errorsOf(sk, file.id, () => file.wake(8));
}

const accept: Handler = ({ args }, ctx) => {
  const file = ctx.socket(args[0]);
  const flags = args[3] === undefined ? 0 : numberOf(args[3]);
  return () => {
    if (file.listen === null) return fails('EINVAL');
    const made = file.waiting.shift();
    if (made === undefined) return file.nonblock ? fails('EAGAIN') : null;
    const sk = made.sk!;
    made.nonblock = (flags & NONBLOCK) !== 0;
    made.zerocopy = file.zerocopy;
    made.userTimeout = file.userTimeout;
    sk.userTimeout = file.userTimeout;
    sk.notsentLowat = file.notsentLowat;
    sk.accepted = true;
    ctx.underTest = sk;
    return { value: 0, made };
  };
};

const connect: Handler = ({ args }, ctx) => {
  const file = ctx.socket(args[0]);
  const { host } = ctx.machine;
  let begun = false;
  return () => {
    if (!begun) {
      begun = true;
      if (file.sk !== null) return again(file);
      const port = file.port === 0 ? ctx.nextPort() : file.port;
      const sk = host.socket(ctx.machine.route(), port, REMOTE, BIND_PORT, inherited(file));
      sk.userTimeout = file.userTimeout;
      sk.notsentLowat = file.notsentLowat;
      adopt(ctx, file, sk);
      host.connect(sk, file);
      if (file.nonblock) return fails('EINPROGRESS');
    }
    return open(file);
  };
};

/** connect() on a socket that has begun already. */
function again(file: SocketFile): ReturnType<typeof fails> {
  const sk = file.sk!;
  if (sk.state === TcpState.SYN_SENT) return fails('EALREADY');
  return sk.error === null ? fails('EISCONN') : takeError(file)!;
}

function open(file: SocketFile): typeof DONE | null {
  const sk = file.sk!;
  if (sk.error !== null) return takeError(file);
  return sk.state === TcpState.SYN_SENT || sk.state === TcpState.SYN_RECV ? null : DONE;
}

/** sock_error(): the error, once. */
export function takeError(file: SocketFile): ReturnType<typeof fails> | null {
  const error = file.sk?.error ?? null;
  if (error === null) return null;
  file.sk!.error = null;
  return fails(error);
}

const shutdown: Handler = ({ args }, ctx) => {
  const file = ctx.socket(args[0]);
  const how = numberOf(args[1]);
  return now(() => {
    const { sk } = file;
    if (sk === null || sk.state === TcpState.CLOSED) return fails('ENOTCONN');
    mainShutdown(sk, how + 1);
    file.wake(1 | 0x2000);
    return DONE;
  });
};

const close: Handler = ({ args }, ctx) => {
  const fd = numberOf(args[0]);
  const file = ctx.file(args[0]);
  return now(() => {
    ctx.fds.delete(fd);
    if (!(file instanceof SocketFile)) return DONE;
    if (file.listen !== null) ctx.machine.host.closeListener(file.port);
    if (file.sk !== null && file.lingerNow) mainAbort(file.sk);
    else if (file.sk !== null) mainClose(file.sk);
    return DONE;
  });
};

const fcntl: Handler = ({ args }, ctx) => {
  const file = ctx.socket(args[0]);
  const command = numberOf(args[1]);
  return now(() => {
    if (command === CONSTANTS['F_GETFL'])
      return { value: CONSTANTS['O_RDWR']! | (file.nonblock ? NONBLOCK : 0) };
    if (command !== CONSTANTS['F_SETFL']) throw new NotKnown(`fcntl command ${command}`);
    file.nonblock = (numberOf(args[2]) & NONBLOCK) !== 0;
    return DONE;
  });
};

export const SETUP_CALLS: Readonly<Record<string, Handler>> = {
  socket,
  bind,
  listen,
  accept,
  accept4: accept,
  connect,
  shutdown,
  close,
  fcntl,
};
