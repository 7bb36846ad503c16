// What the shell's commands would set, on the machine.
import { NotKnown } from '../errors.ts';
import type { Setting } from '../shell.ts';
import { expectValue, type Context } from './context.ts';
import type { Machine } from './machine.ts';
import { isThere, mustBeThere } from './since.ts';

/** sysctls that mean something here, by their fields. */
const NUMBERS = {
  tcp_timestamps: 'timestamps',
  tcp_sack: 'sack',
  tcp_dsack: 'dsack',
  tcp_window_scaling: 'windowScaling',
  tcp_syn_retries: 'synRetries',
  tcp_synack_retries: 'synackRetries',
  tcp_retries2: 'retries2',
  tcp_orphan_retries: 'orphanRetries',
  tcp_frto: 'frto',
  tcp_reordering: 'reordering',
  tcp_max_reordering: 'maxReordering',
  tcp_slow_start_after_idle: 'slowStartAfterIdle',
  tcp_early_retrans: 'earlyRetrans',
  tcp_recovery: 'recovery',
  tcp_tso_win_divisor: 'tsoWinDivisor',
  tcp_min_tso_segs: 'minTsoSegs',
  tcp_tso_rtt_log: 'tsoRttLog',
  tcp_pacing_ss_ratio: 'pacingSsRatio',
  tcp_pacing_ca_ratio: 'pacingCaRatio',
  tcp_notsent_lowat: 'notsentLowat',
  tcp_mtu_probing: 'mtuProbing',
  tcp_base_mss: 'baseMss',
  tcp_min_snd_mss: 'minSndMss',
  tcp_probe_threshold: 'probeThreshold',
  tcp_rto_max_ms: 'rtoMaxMs',
  tcp_pingpong_thresh: 'pingpongThresh',
  tcp_invalid_ratelimit: 'invalidRatelimitMs',
  tcp_shrink_window: 'shrinkWindow',
} as const;

/** Counters that are counted here. */
const COUNTERS = new Set(['BeyondWindow', 'TCPRcvQDrop', 'TCPZeroWindowDrop']);

/** sysctls of things that are not here, at the value that leaves them out. */
const OFF: Readonly<Record<string, readonly (number | string)[]>> = {
  tcp_ecn: [0],
  tcp_ecn_option: [0, 2],
  tcp_fack: [0],
  tcp_syncookies: [0, 1],
};

/** Does to the machine what the command would do to a host. */
export function apply(setting: Setting, machine: Machine, ctx: Context): void {
  const { host } = machine;
  if (setting.kind === 'sysctl') {
    const { name, values, optional } = setting;
    const what = `the sysctl ${name}`;
    if (optional === true && !isThere(machine.k.era, what)) return;
    mustBeThere(machine.k.era, what);
    sysctl(name, values, machine);
  } else if (setting.kind === 'offload') {
    if (setting.feature !== 'gro') machine.gso = setting.on || machine.alwaysGso;
  } else if (setting.kind === 'qdisc') {
    machine.device.qdiscLimit = setting.limit ?? 1000;
  } else if (setting.kind === 'file') {
    ctx.files.set(setting.path, setting.bytes);
  } else if (setting.kind === 'counter') {
    if (!COUNTERS.has(setting.name)) throw new NotKnown(`the counter ${setting.name}`);
    expectValue(`the counter ${setting.name}`, setting.value, host.counters.get(setting.name) ?? 0);
  } else if (setting.kind === 'hystart') {
    host.sysctl.hystartDetect = setting.detect;
  } else {
    for (const [metric, value] of setting.metrics) {
      if (metric === 'mtu') host.pmtu = Math.min(value, machine.device.mtu);
      else if (metric === 'advmss') host.advmss = value;
      else host.initCwnd = value;
    }
  }
}

function sysctl(name: string, values: readonly number[] | string, machine: Machine): void {
  const { sysctl: set } = machine.host;
  const shown = typeof values === 'string' ? values : values.join(' ');
  if (name === 'tcp_congestion_control') {
    if (values !== 'cubic' && values !== 'reno')
      throw new NotKnown(`the congestion control ${shown}`);
    set.congestionControl = values;
    return;
  }
  const [first] = values;
  if (name === 'tcp_rmem' || name === 'tcp_wmem') {
    if (typeof values === 'string' || values.length !== 3) throw new NotKnown(`${name}=${shown}`);
    const three = [values[0]!, values[1]!, values[2]!] as const;
    if (name === 'tcp_rmem') set.rmem = three;
    else set.wmem = three;
    return;
  }
  if (Object.hasOwn(OFF, name) && first !== undefined && OFF[name]!.includes(first)) return;
  if (!isNumber(name) || typeof first !== 'number' || values.length !== 1)
    throw new NotKnown(`the sysctl ${name}=${shown}`);
  set[NUMBERS[name]] = first;
}

function isNumber(name: string): name is keyof typeof NUMBERS {
  return Object.hasOwn(NUMBERS, name);
}
