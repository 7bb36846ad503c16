// The commands between backquotes, read as data: what they would set. Nothing is executed.
import { NotKnown } from './errors.ts';

/** What one command asks of the host. */
export type Setting =
  | {
      readonly kind: 'sysctl';
      readonly name: string;
      readonly values: readonly number[] | string;
      /** A kernel that has no such one goes on without it: defaults.sh does not look whether sysctl failed. */
      readonly optional?: true;
    }
  | { readonly kind: 'offload'; readonly feature: 'tso' | 'gso' | 'gro'; readonly on: boolean }
  /** Packets that the device's queue takes; null: as many as ever. */
  | { readonly kind: 'qdisc'; readonly limit: number | null }
  | { readonly kind: 'route'; readonly metrics: ReadonlyMap<string, number> }
  | { readonly kind: 'file'; readonly path: string; readonly bytes: number }
  /** A counter has this value since the script began, or the script has failed. */
  | { readonly kind: 'counter'; readonly name: string; readonly value: number }
  | { readonly kind: 'hystart'; readonly detect: number };

/** What the scripts' common defaults.sh sets. @source tools/testing/selftests/net/packetdrill/defaults.sh (6.18) */
const DEFAULTS =
  'tcp_rmem=4096 540000 15728640;tcp_wmem=4096 262144 4194304;tcp_timestamps=1;tcp_syn_retries=5;' +
  'tcp_synack_retries=5;tcp_frto=2;tcp_sack=1;tcp_dsack=1;tcp_reordering=3;tcp_congestion_control=cubic;' +
  'tcp_slow_start_after_idle=0;tcp_early_retrans=4;tcp_recovery=1;tcp_tso_win_divisor=3;' +
  'tcp_pacing_ss_ratio=200;tcp_pacing_ca_ratio=120;tcp_notsent_lowat=4294967295';

/** Settings in their order. Throws NotKnown for a command that is not one of those read here. */
export function settings(shell: string): Setting[] {
  return commands(shell).flatMap(settingsOf);
}

/** The commands of a text, each as words. */
function commands(shell: string): string[][] {
  return shell
    .replaceAll(/\\\r?\n/g, ' ')
    .split(/[\n;]|&&/)
    .map((line) => line.replace(/(^|\s)#.*$/, '').trim())
    .map((line) => line.replaceAll(/(?<!\s)\s+\d?>{1,2}\s*(\/dev\/null|&\d)/g, '').trim())
    .filter((line) => line !== '')
    .map(split);
}

/** Words; quotes keep blanks, and $((…)) is computed. */
function split(line: string): string[] {
  const plain = line.replaceAll(/\$\(\(([^()]*)\)\)/g, (_, sum: string) =>
    String(product(sum, line)),
  );
  return (plain.match(/(?:[^\s"']|"[^"]*"|'[^']*')+/g) ?? []).map((w) => w.replaceAll(/["']/g, ''));
}

function product(sum: string, line: string): number {
  const factors = sum.split('*').map((f) => f.trim());
  if (!factors.every((f) => /^\d+$/.test(f))) throw new NotKnown(`the command «${line}»`);
  return factors.reduce((n, f) => n * Number(f), 1);
}

function settingsOf(words: readonly string[]): Setting[] {
  const [name = '', ...rest] = words;
  const base = name.split('/').at(-1)!;
  if (base === 'defaults.sh') {
    const own = DEFAULTS.split(';').map((text): Setting => ({
      ...assignment(text),
      optional: true,
    }));
    return rest.length === 0 ? own : [...own, ...settingsOf(rest)];
  }
  if (base === 'sysctl') return sysctls(rest, words);
  if (base === 'set_sysctls.py') return rest.map(assignment);
  if (/^sysctl_restore_.*\.sh$/.test(base)) return [];
  if (base === 'ethtool' && rest[0] === '-K') return offloads(rest.slice(2), words);
  if (base === 'tc' && rest[0] === 'qdisc') return qdisc(rest.slice(1), words);
  if (base === 'ip' && rest[0] === 'tcp_metrics') return [];
  if (base === 'ip' && rest[0] === 'route' && rest[1] === 'change')
    return route(rest.slice(2), words);
  if (base === 'rm' && rest[0] === '-f') return [];
  if (base === 'dd') return file(rest, words);
  if (base === 'nstat' && rest.includes('|')) return counter(rest, words);
  if (base === 'nstat' && rest.length === 1 && rest[0] === '-n') return [];
  if (base === 'echo' && rest[1] === '>' && (rest[2] ?? '').endsWith('/hystart_detect'))
    return [{ kind: 'hystart', detect: whole(rest[0], words) }];
  throw new NotKnown(`the command «${words.join(' ')}»`);
}

function whole(text: string | undefined, words: readonly string[]): number {
  if (text === undefined || !/^(0x[0-9a-f]+|\d+)$/i.test(text))
    throw new NotKnown(`the command «${words.join(' ')}»`);
  return Number(text);
}

function sysctls(rest: readonly string[], words: readonly string[]): Setting[] {
  const set = rest.filter((w) => !/^-[a-z]+$/.test(w));
  if (set.length === 0 || !set.every((w) => w.includes('=')))
    throw new NotKnown(`the command «${words.join(' ')}»`);
  return set.map(assignment);
}

/** `net.ipv4.tcp_x=1`, `/proc/sys/net/ipv4/tcp_x=1`, `tcp_x=1`. */
function assignment(text: string): Extract<Setting, { kind: 'sysctl' }> {
  const sign = text.indexOf('=');
  const name = text.slice(0, sign).split(/[./]/).at(-1)!;
  const value = text.slice(sign + 1).trim();
  const numbers = value.split(/\s+/);
  if (!numbers.every((n) => /^(0x[0-9a-f]+|-?\d+)$/i.test(n)))
    return { kind: 'sysctl', name, values: value };
  return { kind: 'sysctl', name, values: numbers.map(Number) };
}

function offloads(rest: readonly string[], words: readonly string[]): Setting[] {
  const found: Setting[] = [];
  for (let i = 0; i < rest.length; i += 2) {
    const feature = rest[i];
    const state = rest[i + 1];
    if (
      (feature !== 'tso' && feature !== 'gso' && feature !== 'gro') ||
      (state !== 'on' && state !== 'off')
    )
      throw new NotKnown(`the command «${words.join(' ')}»`);
    found.push({ kind: 'offload', feature, on: state === 'on' });
  }
  return found;
}

function qdisc(rest: readonly string[], words: readonly string[]): Setting[] {
  const root = rest.indexOf('root');
  const [kind, word, limit, ...more] = rest.slice(root + 1);
  if (root < 0) throw new NotKnown(`the command «${words.join(' ')}»`);
  if (rest[0] === 'delete' || rest[0] === 'del') return [{ kind: 'qdisc', limit: null }];
  if (kind !== 'pfifo' || more.length > 0 || (word !== undefined && word !== 'limit'))
    throw new NotKnown(`the command «${words.join(' ')}»: packets are not paced`);
  return [{ kind: 'qdisc', limit: word === undefined ? null : whole(limit, words) }];
}

function route(rest: readonly string[], words: readonly string[]): Setting[] {
  const metrics = new Map<string, number>();
  for (let i = 0; i < rest.length; i++) {
    const word = rest[i]!;
    if (word === 'via' || word === 'dev') i++;
    else if (word === 'advmss' || word === 'initcwnd') metrics.set(word, whole(rest[++i], words));
    else if (word === 'mtu') {
      if (rest[i + 1] === 'lock') i++;
      metrics.set('mtu', whole(rest[++i], words));
    } else if (!/^[\d./]+$/.test(word)) throw new NotKnown(`the command «${words.join(' ')}»`);
  }
  return [{ kind: 'route', metrics }];
}

/** `nstat | grep TcpExtX | grep -q " 3 "`: asks whether X is 3. */
function counter(rest: readonly string[], words: readonly string[]): Setting[] {
  const m = /^(?:-s )?\| ?grep TcpExt(\w+) ?\| ?grep -q\s+(\d+)\s*$/.exec(rest.join(' '));
  if (m === null) throw new NotKnown(`the command «${words.join(' ')}»`);
  return [{ kind: 'counter', name: m[1]!, value: Number(m[2]) }];
}

function file(rest: readonly string[], words: readonly string[]): Setting[] {
  const of = new Map(rest.map((w) => w.split('=', 2) as [string, string]));
  const path = of.get('of');
  if (path === undefined || of.get('if') !== '/dev/zero')
    throw new NotKnown(`the command «${words.join(' ')}»`);
  const bytes = whole(of.get('bs') ?? '512', words) * whole(of.get('count'), words);
  return [{ kind: 'file', path, bytes }];
}
