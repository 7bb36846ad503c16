// epoll and poll.
import type { Expression } from '../ast.ts';
import { Differs, NotKnown } from '../errors.ts';
import { CONSTANTS as C, itemsOf, memberOf, numberOf } from '../values.ts';
import { DONE, fails, now, type Handler, type Outcome } from './context.ts';
import { EpollFile } from './descriptors.ts';

const create: Handler = () => now(() => ({ value: 0, made: new EpollFile() }));

const ctl: Handler = ({ args }, ctx) => {
  const epoll = ctx.epoll(args[0]);
  const op = numberOf(args[1]);
  const fd = numberOf(args[2]);
  const file = ctx.socket(args[2]);
  const events = op === C['EPOLL_CTL_DEL'] ? 0 : numberOf(memberOf(args[3], 'events'));
  return now(() => {
    if (op === C['EPOLL_CTL_ADD']) {
      if (epoll.has(fd)) return fails('EEXIST');
      epoll.add(fd, file, events);
    } else if (!epoll.has(fd)) {
      return fails('ENOENT');
    } else if (op === C['EPOLL_CTL_MOD']) {
      if ((events & C['EPOLLEXCLUSIVE']!) !== 0) return fails('EINVAL');
      epoll.modify(fd, events);
    } else if (op === C['EPOLL_CTL_DEL']) {
      epoll.remove(fd);
    } else {
      throw new NotKnown(`epoll_ctl operation ${op}`);
    }
    return DONE;
  });
};

/** In milliseconds; negative: for ever. */
function deadline(e: Expression | undefined, at: number): number {
  const ms = numberOf(e);
  return ms < 0 ? Infinity : at + ms * 1000;
}

const wait: Handler = ({ args }, ctx) => {
  const epoll = ctx.epoll(args[0]);
  const expected = args[1];
  const most = numberOf(args[2]);
  const until = deadline(args[3], ctx.machine.now);
  return () => {
    const found = epoll.take(most);
    if (found.length === 0) return ctx.machine.now >= until ? DONE : null;
    const [first] = found;
    const events = numberOf(memberOf(expected, 'events'));
    const fd = memberOf(expected, 'fd');
    if (events !== first!.events || (fd !== undefined && numberOf(fd) !== first!.fd))
      throw new Differs(
        `epoll_wait: expected events 0x${events.toString(16)}, got 0x${first!.events.toString(16)} of ${first!.fd}`,
      );
    return { value: found.length };
  };
};

const poll: Handler = ({ args }, ctx) => {
  const entries = itemsOf(args[0]).map((e) => ({
    file: ctx.socket(memberOf(e, 'fd')),
    fd: numberOf(memberOf(e, 'fd')),
    events: numberOf(memberOf(e, 'events')),
    revents: memberOf(e, 'revents'),
  }));
  const until = deadline(args[2], ctx.machine.now);
  return (): Outcome | null => {
    let value = 0;
    const seen = entries.map(({ file, events }) => {
      const got = file.poll() & (events | C['POLLERR']! | C['POLLHUP']!);
      if (got !== 0) value++;
      return got;
    });
    if (value === 0 && ctx.machine.now < until) return null;
    entries.forEach(({ revents, fd }, i) => {
      const wanted = revents === undefined ? 0 : numberOf(revents);
      if (wanted !== seen[i])
        throw new Differs(
          `poll of ${fd}: expected revents 0x${wanted.toString(16)}, got 0x${seen[i]!.toString(16)}`,
        );
    });
    return { value };
  };
};

export const POLL_CALLS: Readonly<Record<string, Handler>> = {
  epoll_create: create,
  epoll_create1: create,
  epoll_ctl: ctl,
  epoll_wait: wait,
  poll,
};
