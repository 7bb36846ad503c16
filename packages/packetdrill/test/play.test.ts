// A script passes when the machine does what it says, and fails when one number of it is another.
import { describe, expect, test } from 'vitest';
import type { Script, ScriptEvent, TcpOption, TcpSegment } from '../src/index.ts';
import { parse, print } from '../src/index.ts';
import { SCRIPTS, played, scriptText } from './scripts.ts';

test.each(SCRIPTS)('%s passes', (name) => {
  expect(played(scriptText(name))).toEqual({ result: 'passed', reason: null });
});

/** Every other segment that differs from `s` in one field. What stands for "not looked at" is left alone. */
function* otherSegments(s: TcpSegment): Generator<[string, TcpSegment]> {
  yield [
    'flags',
    { ...s, flags: s.flags.includes('P') ? s.flags.replace('P', '') || '.' : `P${s.flags}` },
  ];
  yield ['seq', { ...s, seq: s.seq + 1, end: s.end + 1 }];
  yield ['payload', { ...s, end: s.end + 1, payload: s.payload + 1 }];
  yield ['ack', { ...s, ack: (s.ack ?? 0) + 1 }];
  yield ['win', { ...s, window: 7 }];
  if (s.options === null) return;
  yield ['one option more', { ...s, options: [...s.options, { kind: 'nop' }] }];
  for (const [i, option] of s.options.entries()) {
    yield [`without option ${i}`, { ...s, options: s.options.filter((_, j) => j !== i) }];
    for (const [what, other] of otherOptions(option))
      yield [`${what} of option ${i}`, { ...s, options: s.options.with(i, other) }];
  }
}

function* otherOptions(o: TcpOption): Generator<[string, TcpOption]> {
  if (o.kind === 'mss' || o.kind === 'wscale') yield [o.kind, { ...o, value: o.value + 1 }];
  if (o.kind === 'TS') yield ['ecr', { ...o, ecr: o.ecr + 1 }];
  if (o.kind === 'sack')
    for (const [i, [a, b]] of o.blocks.entries()) {
      yield ['start', { ...o, blocks: o.blocks.with(i, [a + 1, b]) }];
      yield ['end', { ...o, blocks: o.blocks.with(i, [a, b + 1]) }];
    }
}

/** The script with every expected packet changed in one field, one at a time. */
function* mutated(script: Script): Generator<[string, Script]> {
  for (const [i, event] of script.events.entries()) {
    const { action, time } = event;
    const replaced = (other: ScriptEvent): Script => ({
      ...script,
      events: script.events.with(i, other),
    });
    if (action.kind === 'call') {
      if (action.result.kind !== 'integer' || action.result.value <= 5) continue;
      const result = { ...action.result, value: action.result.value + 1 };
      yield [
        `line ${event.at.line}, result`,
        replaced({ ...event, action: { ...action, result } }),
      ];
    }
    if (action.kind !== 'packet' || action.direction !== 'out' || action.body.protocol !== 'tcp')
      continue;
    for (const [what, body] of otherSegments(action.body))
      yield [`line ${event.at.line}, ${what}`, replaced({ ...event, action: { ...action, body } })];
    if (time.kind === 'relative')
      yield [
        `line ${event.at.line}, time`,
        replaced({ ...event, time: { ...time, from: time.from + 50_000 } }),
      ];
  }
}

test.each(SCRIPTS)('%s with one number changed does not', (name) => {
  let count = 0;
  for (const [what, script] of mutated(parse(scriptText(name)))) {
    count++;
    expect(played(print(script)).result, what).toBe('failed');
  }
  expect(count).toBeGreaterThan(20);
});

test('a packet that is not expected stands in the way of the next one', () => {
  const without = scriptText('hole.pkt').replace('   +0 > . 1001:2001(1000) ack 1\n', '');
  expect(played(without)).toEqual({
    result: 'failed',
    reason: expect.stringMatching(
      /^line \d+: .*expected F\. 6001:6001\(0\).*got \. 1001:2001/,
    ) as string,
  });
});

describe('what is not known is named, and the script skipped:', () => {
  const event = (text: string): string => `0 socket(..., SOCK_STREAM, IPPROTO_TCP) = 3\n${text}\n`;
  test.each([
    ['a call', event('+0 mmap(3) = 0'), 'line 2: not known here: the call mmap'],
    ['a command', event('+0 `rm -rf /`'), 'line 2: not known here: the command «rm -rf /»'],
    ['a command behind a known one', event('+0 `./defaults.sh; reboot`'), 'the command «reboot»'],
    ['a sysctl', event('+0 `sysctl -q net.ipv4.tcp_mem=1`'), 'the sysctl tcp_mem=1'],
    ['code', event('+0 %{ import os }%'), 'code «import os»'],
    ['a name in code', event('+0 %{ assert tcpi_magic == 1 }%'), 'the name tcpi_magic'],
    ['a socket option', event('+0 setsockopt(3, SOL_TCP, TCP_ULP, [1], 4) = 0'), 'SOL_TCP TCP_ULP'],
    ['an option of the tool', `--speed=3\n${event('')}`, 'the option --speed=3'],
    ['a call that every object has', event('+0 toString() = 0'), 'the call toString'],
    ['a name that every object has', event('+0 close(constructor) = 0'), 'the name constructor'],
    [
      'a sysctl that every object has',
      event('+0 `sysctl -q constructor=1`'),
      'the sysctl constructor=1',
    ],
    [
      'a field that every object has',
      scriptText('hole.pkt').replace('tcpi_lost == 1', 'valueOf'),
      'the name valueOf',
    ],
    ['an option without a name', event('+0 setsockopt(3) = 0'), 'a socket option without a name'],
    [
      'an option without a value',
      event('+0 setsockopt(3, SOL_TCP, TCP_NODELAY) = 0'),
      'without a value',
    ],
    [
      'a size below 0',
      scriptText('hole.pkt').replace(/write\(4, \.\.\., \d+\)/, 'write(4, ..., -1)'),
      'a size below 0',
    ],
    ['a number without end', event('+0 %{ assert (1 << 5000) - (1 << 5000) }%'), 'code «assert'],
    [
      'more than a number holds',
      event('+0 %{ assert 9007199254740993 == 9007199254740992 }%'),
      'code «assert',
    ],
    [
      'bits of more than a word',
      event('+0 %{ assert (3 << 30) & (3 << 30) == 0 - (1 << 30) }%'),
      'code «assert',
    ],
    ['another protocol', '0 < icmp unreachable', 'icmp unreachable'],
    ['a socket of UDP', '0 socket(..., SOCK_DGRAM, IPPROTO_UDP) = 3', 'the name SOCK_DGRAM'],
  ])('%s', (_, source, reason) => {
    const verdict = played(source);
    expect(verdict.result).toBe('skipped');
    expect(verdict.reason).toContain(reason);
  });
});

test.each<[string, string]>([
  ['blanks', `+0 \`sysctl${' '.repeat(250_000)}x\``],
  ['one word', `+0 \`${'x'.repeat(250_000)}\``],
  ['comments', `${'//\n'.repeat(80_000)}+0 mmap() = 0`],
  ['a text', `+0 %{ print('${'x'.repeat(250_000)}') }%`],
])(
  '%s without end are read in no time',
  (_, text) => {
    expect(played(text).result).toMatch(/^(skipped|passed)$/);
  },
  5000,
);

test('an assertion that does not hold says what its names are', () => {
  const wrong = scriptText('hole.pkt').replace('tcpi_lost == 1', 'tcpi_lost == 2');
  expect(played(wrong).reason).toBe(
    'line 21: expected tcpi_lost == 2 and tcpi_sacked == 3, but tcpi_lost is 1, tcpi_sacked is 3',
  );
});
