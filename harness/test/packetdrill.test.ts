// lastref packetdrill on several kernels, and replay --as packetdrill, as they are typed: what one writes the other plays.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { packetdrillSchema, type CompareDocument } from '@lastref/report';
import { afterAll, describe, expect, test } from 'vitest';
import { answered, said } from './house/reference.ts';
import { lastref } from './run-cli.ts';

const dir = mkdtempSync(join(tmpdir(), 'lastref-test-'));
afterAll(() => rmSync(dir, { recursive: true, force: true }));

const SCRIPTS = new URL('../../packages/packetdrill/test/scripts', import.meta.url).pathname;

function script(name: string, text: string): string {
  const file = join(dir, name);
  writeFileSync(file, text);
  return file;
}

const SERVER = `0 socket(..., SOCK_STREAM, IPPROTO_TCP) = 3
+0 bind(3, ..., ...) = 0
+0 listen(3, 1) = 0
+0 < S 0:0(0) win 20000 <mss 1000,sackOK,nop,nop>
+0 > S. 0:0(0) ack 1 <...>
+.01 < . 1:1(0) ack 1 win 20000
+0 accept(3, ..., ...) = 4
`;

describe('one table for several kernels', () => {
  // 7.2.13 answers an ACK of what was never sent; 6.12 drops it (net/ipv4/tcp_input.c tcp_ack)
  const unsent = script(
    'unsent.pkt',
    `${SERVER}+0 < . 1:1(0) ack 9999 win 20000\n+0 > . 1:1(0) ack 1\n`,
  );
  const rto = script('rto.pkt', `\`sysctl -q net.ipv4.tcp_rto_max_ms=1000\`\n${SERVER}`);

  test('what newer kernels do fails on an older one, what it has not got is skipped there', () => {
    const args = [unsent, rto, '--era', '6.12,7.2', '--json'];
    const doc = packetdrillSchema.parse(
      JSON.parse(said(dir, lastref, 'packetdrill', ...args).stdout),
    );
    expect(doc.rows).toMatchObject([
      { script: 'rto.pkt', era: 'debian-6.12.117', result: 'skipped' },
      { script: 'rto.pkt', era: '7.2.13', result: 'passed', reason: null },
      { script: 'unsent.pkt', era: 'debian-6.12.117', result: 'failed' },
      { script: 'unsent.pkt', era: '7.2.13', result: 'passed', reason: null },
    ]);
    expect(doc.rows[0]!.reason).toContain(
      'the sysctl tcp_rto_max_ms in debian-6.12.117: it is there from 6.15 on',
    );
    expect(doc.rows[2]!.reason).toBe('line 9: expected . 1:1(0) ack 1, but nothing was sent');
    expect(doc.eras).toEqual([
      { era: 'debian-6.12.117', passed: 0, failed: 1, skipped: 1 },
      { era: '7.2.13', passed: 2, failed: 0, skipped: 0 },
    ]);
  });

  test('sums come first, then a row a script and a column a kernel; reasons name their kernels', () => {
    const { stdout } = lastref('packetdrill', unsent, '--era', '6.1,6.12,7.2', '--out', dir);
    expect(stdout.split('\n').slice(0, 4)).toEqual([
      '1 script with msg-zerocopy',
      '6.1.192          0 passed, 1 failed, 0 skipped',
      'debian-6.12.117  0 passed, 1 failed, 0 skipped',
      '7.2.13           1 passed, 0 failed, 0 skipped',
    ]);
    expect(stdout).toMatch(
      /failed +failed +passed +unsent\.pkt +6\.1\.192, debian-6\.12\.117: line 9/,
    );
    const page = readFileSync(join(dir, 'packetdrill.md'), 'utf8');
    expect(page).toContain('| kernel | passed | failed | skipped |');
    expect(page).toContain(
      '| unsent.pkt | failed | failed | passed | 6.1.192, debian-6.12.117: line 9',
    );
  });

  test('all: those with MSG_ZEROCOPY; without a name the newest', () => {
    const eras = (...args: string[]): string[] => {
      const { stdout } = lastref('packetdrill', SCRIPTS, '--json', ...args);
      return packetdrillSchema.parse(JSON.parse(stdout)).eras.map((e) => e.era);
    };
    expect(eras('--era', 'all')).toEqual([
      '4.14',
      '5.10.223',
      '6.1.192',
      'debian-6.12.117',
      '7.2.13',
    ]);
    expect(eras()).toEqual(['7.2.13']);
  });

  test.each(['6.12,9.9', '6.12,', ''])('--era %j gets one line', (era) => {
    const { code, stdout, stderr } = lastref('packetdrill', unsent, '--era', era);
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(/unknown era '(9\.9)?'; known: .*, all/);
  });
});

describe('a finding as a script', () => {
  const committed = JSON.parse(
    readFileSync(new URL('../../results/compare.json', import.meta.url), 'utf8'),
  ) as CompareDocument;
  const findings = committed.rows.flatMap(({ design, workload, era, findings: all }) =>
    all.map(({ property, harm, token }) => ({ design, workload, era, property, harm, token })),
  );
  const find = (design: string, workload: string, property: string, harm: string) =>
    findings.find(
      (f) =>
        f.design === design &&
        f.workload === workload &&
        f.property === property &&
        f.harm === harm,
    )!;

  test.each([
    ['msg-zerocopy', 'bulk-loss', 'late', 'hazard'],
    ['msg-zerocopy', 'reset-midway', 'late', 'hazard'],
    ['msg-zerocopy', 'sendfile-writer', 'written', 'wire'],
    ['naive-sendpage', 'bulk-loss', 'corrupt', 'wire'],
    ['naive-sendpage', 'sendfile-locked', 'early', 'hazard'],
    ['rusty-shinfo-orig', 'sendfile-truncate', 'lost', 'hazard'],
  ])('%s on %s: %s (%s) passes on its kernel, and the same token is the same script', (...of) => {
    const { token, era, property } = find(...of);
    const { code, stdout } = lastref('replay', token, '--as', 'packetdrill');
    expect(code).toBe(0);
    expect(lastref('replay', token, '--as', 'packetdrill').stdout).toBe(stdout);
    expect(stdout).toMatch(new RegExp(`^// step \\d+: ${property} `, 'm'));
    const file = script('finding.pkt', stdout);
    const played = lastref('packetdrill', file, '--era', era, '--json').stdout;
    expect(packetdrillSchema.parse(JSON.parse(played)).rows).toEqual([
      { script: 'finding.pkt', era, result: 'passed', reason: null },
    ]);
  });

  test('MSG_ZEROCOPY is told by the error queue, another design by comments', () => {
    const late = lastref(
      'replay',
      find('msg-zerocopy', 'bulk-loss', 'late', 'hazard').token,
      '--as',
      'packetdrill',
    );
    expect(late.stdout).toContain('send(4, ..., 16384, MSG_ZEROCOPY) = 16384');
    expect(late.stdout).toMatch(/ee_origin=SO_EE_ORIGIN_ZEROCOPY.*ee_info=0, ee_data=\d+/);
    const early = lastref(
      'replay',
      find('naive-sendpage', 'bulk-loss', 'corrupt', 'wire').token,
      '--as',
      'packetdrill',
    );
    expect(early.stdout).toContain('sendfile(4, 5, [0], 16384) = 16384');
    expect(early.stdout).not.toContain('recvmsg');
    const notes = early.stdout.split('\n').filter((line) => line.startsWith('// step'));
    const order = ['is lent', 'the producer is told', 'are written anew', 'corrupt (wire)'];
    const places = order.map((text) => notes.findIndex((line) => line.includes(text)));
    expect(places.every((at, i) => at >= 0 && (i === 0 || at >= places[i - 1]!))).toBe(true);
  });

  test('a lost packet is a hole in what the peer acknowledges, and is sent again behind that', () => {
    const { token } = find('rusty-shinfo-orig', 'sendfile-truncate', 'lost', 'hazard');
    const lines = lastref('replay', token, '--as', 'packetdrill').stdout.split('\n');
    expect(lines.some((line) => / drops\b/.test(line))).toBe(true);
    const told = lines.findIndex((line) => /< \. .* <nop,nop,sack /.test(line));
    const hole = /ack (\d+)/.exec(lines[told]!)![1]!;
    const again = lines.findIndex((line, i) => i > told && line.includes(`> . ${hole}:`));
    const closed = lines.findIndex(
      (line) => line.includes('< .') && Number(/ack (\d+)/.exec(line)?.[1]) > Number(hole),
    );
    expect([told < again, again < closed]).toEqual([true, true]);
  });

  test.each([
    ['nfs-odirect', /requests have their own protocol on top of TCP/],
    ['tap-slow-reader', /a tap reads its packets/],
    ['loopback-slow-reader', /is not two hosts with one wire/],
    ['no-sg', /has 2 senders, each with its connection/],
    ['nfs-udp', /lends over udp/],
    ['netback-bridge', /lends over device/],
    ['vringfd', /lends over device/],
  ])('%s has no such form, and one line says why', (workload, reason) => {
    const { token } = findings.find((f) => f.workload === workload)!;
    const { code, stdout, stderr } = lastref('replay', token, '--as', 'packetdrill');
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(reason);
    expect(stderr.trimEnd().split('\n')).toHaveLength(1);
  });

  test('a counterexample in miniature is a script as well, vmsplice is none', () => {
    const tokenOf = (workload: string): string => {
      const { stdout } = answered('check', 'naive-sendpage', workload, '--json');
      return (JSON.parse(stdout) as { token: string }).token;
    };
    const { stdout } = lastref('replay', tokenOf('bulk-loss~2'), '--as', 'packetdrill');
    expect(lastref('packetdrill', script('small.pkt', stdout), '--era', '2.6.24').stdout).toMatch(
      /^passed +small\.pkt$/m,
    );
    const none = lastref('replay', tokenOf('vmsplice~1'), '--as', 'packetdrill');
    expect([none.code, none.stderr]).toEqual([2, expect.stringContaining('has no vmsplice')]);
  });

  test('other forms, and other output beside it, get one line', () => {
    const { token } = find('msg-zerocopy', 'bulk-loss', 'late', 'hazard');
    const svg = lastref('replay', token, '--as', 'svg');
    expect([svg.code, svg.stdout]).toEqual([2, '']);
    expect(svg.stderr).toContain(
      '--as svg: there is no such form of a finding; there is packetdrill, c',
    );
    for (const beside of [
      ['--json'],
      ['--until', '5'],
      ['--diff', 'naive-sendpage'],
      ['--fail-on', 'early'],
    ]) {
      const { code, stderr } = lastref('replay', token, '--as', 'packetdrill', ...beside);
      expect(code).toBe(2);
      expect(stderr).toContain(`it does not go with ${beside[0]}`);
    }
  });
});
