// net.ipv4.tcp_*: what an administrator sets. Only a host of mainline's TCP has them (MainlineHost); the host of the
// workloads has none, and does what it always did.
import { declareState } from '../../../state.ts';

/** With the kernel's defaults. @kernel net/ipv4/tcp_ipv4.c tcp_set_ops, tcp_sk_init (6.12) */
export class TcpSysctl {
  timestamps = 1;
  sack = 1;
  dsack = 1;
  windowScaling = 1;
  rmem: readonly [number, number, number] = [4096, 131_072, 6_291_456];
  wmem: readonly [number, number, number] = [4096, 16_384, 4_194_304];
  synRetries = 6;
  synackRetries = 5;
  retries2 = 15;
  orphanRetries = 0;
  frto = 2;
  reordering = 3;
  maxReordering = 300;
  /** 'cubic' or 'reno'. */
  congestionControl = 'cubic';
  slowStartAfterIdle = 1;
  earlyRetrans = 3;
  recovery = 1;
  tsoWinDivisor = 3;
  minTsoSegs = 2;
  tsoRttLog = 9;
  pacingSsRatio = 200;
  pacingCaRatio = 120;
  notsentLowat = 0xffff_ffff;
  mtuProbing = 0;
  baseMss = 1024;
  minSndMss = 48;
  probeThreshold = 8;
  /** Milliseconds. */
  rtoMaxMs = 120_000;
  rtoMinUs = 200_000;
  pingpongThresh = 1;
  /** Milliseconds in which one challenge is sent at most; 0: no limit. */
  invalidRatelimitMs = 500;
  shrinkWindow = 0;
  /** Bit set of what HyStart looks at: 1 the ACK train, 2 the delay. @kernel net/ipv4/tcp_cubic.c hystart_detect */
  hystartDetect = 3;
}

declareState(TcpSysctl, {
  constant:
    'timestamps sack dsack windowScaling rmem wmem synRetries synackRetries retries2 orphanRetries frto reordering ' +
    'maxReordering congestionControl slowStartAfterIdle earlyRetrans recovery tsoWinDivisor minTsoSegs tsoRttLog ' +
    'pacingSsRatio pacingCaRatio notsentLowat mtuProbing baseMss minSndMss probeThreshold rtoMaxMs rtoMinUs ' +
    'pingpongThresh invalidRatelimitMs shrinkWindow hystartDetect',
});
