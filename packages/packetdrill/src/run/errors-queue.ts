// recvmsg(MSG_ERRQUEUE): which send calls are over, which packet was stamped when.
import type { Expression } from '../ast.ts';
import { Differs, NotKnown } from '../errors.ts';
import { printExpression } from '../print.ts';
import { CONSTANTS as C, itemsOf, memberOf, membersOf, numberOf } from '../values.ts';
import { DONE, expectValue, fails, type Attempt, type Context } from './context.ts';
import type { SocketFile } from './descriptors.ts';

/** struct sock_extended_err, by its fields. */
type ExtendedError = Readonly<Record<string, number>>;

export function readErrors(
  ctx: Context,
  file: SocketFile,
  message: Expression | undefined,
): Attempt {
  const control = memberOf(message, 'msg_control');
  const expected = control === undefined ? [] : itemsOf(control);
  return () => {
    const entry = file.errors?.next() ?? null;
    if (entry === null) {
      // what the script expects of a message that never comes is not looked at
      return fails('EAGAIN');
    }
    let flags = C['MSG_ERRQUEUE']!;
    if ('lo' in entry) {
      expectMessages(expected, 1);
      expectError(expected[0]!, {
        ee_errno: 0,
        ee_origin: C['SO_EE_ORIGIN_ZEROCOPY']!,
        ee_type: 0,
        ee_code: entry.copied ? C['SO_EE_CODE_ZEROCOPY_COPIED']! : 0,
        ee_info: entry.lo,
        ee_data: entry.hi,
      });
    } else {
      flags |= C['MSG_TRUNC']!; // the packet comes along, and nobody makes room for it
      expectMessages(expected, 2);
      expectTime(ctx, expected[0]!, entry.ticks);
      expectError(expected[1]!, {
        ee_errno: C['ENOMSG']!,
        ee_origin: C['SO_EE_ORIGIN_TIMESTAMPING']!,
        ee_type: 0,
        ee_code: 0,
        ee_info: C[`SCM_TSTAMP_${entry.kind}`]!,
        ee_data: entry.key,
      });
    }
    const given = memberOf(message, 'msg_flags');
    if (given !== undefined) expectValue('msg_flags', numberOf(given), flags);
    return DONE;
  };
}

function expectMessages(expected: readonly Expression[], count: number): void {
  if (expected.length !== count)
    throw new Differs(`msg_control: expected ${expected.length} messages, got ${count}`);
}

function expectError(message: Expression, actual: ExtendedError): void {
  expectValue('cmsg_level', numberOf(memberOf(message, 'cmsg_level')), C['SOL_IP']!);
  expectValue('cmsg_type', numberOf(memberOf(message, 'cmsg_type')), C['IP_RECVERR']!);
  for (const { name, value } of membersOf(memberOf(message, 'cmsg_data'))) {
    const seen = name === null ? undefined : actual[name];
    if (seen === undefined) throw new NotKnown(`${name ?? printExpression(value)} in an error`);
    expectValue(name!, numberOf(value), seen);
  }
}

/** Stamps count from the start of the script. */
function expectTime(ctx: Context, message: Expression, ticks: number): void {
  expectValue('cmsg_level', numberOf(memberOf(message, 'cmsg_level')), C['SOL_SOCKET']!);
  expectValue('cmsg_type', numberOf(memberOf(message, 'cmsg_type')), C['SCM_TIMESTAMPING']!);
  const data = memberOf(message, 'cmsg_data');
  const wanted =
    numberOf(memberOf(data, 'scm_sec')) * 1e6 + numberOf(memberOf(data, 'scm_nsec')) / 1000;
  if (Math.abs(ticks - wanted) > ctx.tolerance)
    throw new Differs(`time stamp: expected ${wanted} µs, got ${ticks} µs`);
}
