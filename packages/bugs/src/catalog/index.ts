import type { Bug } from '../bug.ts';
import { bug as dpdkCnxkExtbuf } from './dpdk-cnxk-extbuf/bug.ts';
import { bug as dpdkGsoExternal } from './dpdk-gso-external/bug.ts';
import { bug as dpdkVhostSegments } from './dpdk-vhost-segments/bug.ts';
import { bug as drbdProtocolA } from './drbd-protocol-a/bug.ts';
import { bug as drbdStableWrites } from './drbd-stable-writes.ts';
import { bug as groZerocopy } from './gro-zerocopy.ts';
import { bug as gvisorGro } from './gvisor-gro/bug.ts';
import { bug as markHelpers } from './mark-helpers.ts';
import { bug as markUdpEsp } from './mark-udp-esp.ts';
import { bug as mbufRdonly } from './mbuf-rdonly.ts';
import { bug as mtuProbe } from './mtu-probe.ts';
import { bug as netbackIrq } from './netback-irq.ts';
import { bug as poolMirror } from './pool-mirror.ts';
import { bug as segmentOrphan } from './segment-orphan.ts';
import { bug as spdkListenerStop } from './spdk-listener-stop/bug.ts';
import { bug as sunrpcRtx } from './sunrpc-rtx.ts';
import { bug as ucxRndv } from './ucx-rndv/bug.ts';
import { bug as xskCb } from './xsk-cb/bug.ts';
import { bug as xskImmature } from './xsk-immature/bug.ts';

/** Every bug, a line each, the oldest first. */
export const BUGS: readonly Bug[] = [
  drbdProtocolA,
  mbufRdonly,
  sunrpcRtx,
  segmentOrphan,
  dpdkVhostSegments,
  ucxRndv,
  drbdStableWrites,
  dpdkGsoExternal,
  gvisorGro,
  netbackIrq,
  dpdkCnxkExtbuf,
  poolMirror,
  spdkListenerStop,
  xskCb,
  xskImmature,
  groZerocopy,
  markHelpers,
  markUdpEsp,
  mtuProbe,
];
