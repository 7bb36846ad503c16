import type { Bug } from '../bug.ts';
import { bug as algifAead } from './algif-aead/bug.ts';
import { bug as coalescePool } from './coalesce-pool/bug.ts';
import { bug as dirtyPipe } from './dirty-pipe/bug.ts';
import { bug as dpdkCnxkExtbuf } from './dpdk-cnxk-extbuf/bug.ts';
import { bug as dpdkGsoExternal } from './dpdk-gso-external/bug.ts';
import { bug as dpdkVhostSegments } from './dpdk-vhost-segments/bug.ts';
import { bug as drbdDisconnect } from './drbd-disconnect/bug.ts';
import { bug as drbdProtocolA } from './drbd-protocol-a/bug.ts';
import { bug as drbdStableWrites } from './drbd-stable-writes.ts';
import { bug as espManagedFrags } from './esp-managed-frags.ts';
import { bug as espOutputLeak } from './esp-output-leak.ts';
import { bug as espPagePool } from './esp-page-pool.ts';
import { bug as expandHeadPagePool } from './expand-head-page-pool/bug.ts';
import { bug as fuseDirectSplice } from './fuse-direct-splice/bug.ts';
import { bug as groZerocopy } from './gro-zerocopy.ts';
import { bug as gvisorForwarder } from './gvisor-forwarder/bug.ts';
import { bug as gvisorGro } from './gvisor-gro/bug.ts';
import { bug as gvisorNic } from './gvisor-nic/bug.ts';
import { bug as gvisorVeth } from './gvisor-veth/bug.ts';
import { bug as iouringNotif } from './iouring-notif/bug.ts';
import { bug as macbClose } from './macb-close/bug.ts';
import { bug as markHelpers } from './mark-helpers.ts';
import { bug as markRxrpc } from './mark-rxrpc/bug.ts';
import { bug as markUdpEsp } from './mark-udp-esp.ts';
import { bug as mbufRdonly } from './mbuf-rdonly.ts';
import { bug as mlx5KtlsResync } from './mlx5-ktls-resync/bug.ts';
import { bug as mlx5eRefill } from './mlx5e-refill/bug.ts';
import { bug as mtuProbe } from './mtu-probe.ts';
import { bug as mzcCopiedFlag } from './mzc-copied-flag/bug.ts';
import { bug as nbdClearQue } from './nbd-clear-que/bug.ts';
import { bug as netbackIrq } from './netback-irq.ts';
import { bug as netfrontQuery } from './netfront-query/bug.ts';
import { bug as nixlRelease } from './nixl-release/bug.ts';
import { bug as packetTxRing } from './packet-tx-ring/bug.ts';
import { bug as pageCountLook } from './page-count-look/bug.ts';
import { bug as pageCountSet } from './page-count-set/bug.ts';
import { bug as pagePoolScrub } from './page-pool-scrub/bug.ts';
import { bug as pagePoolUnmap } from './page-pool-unmap/bug.ts';
import { bug as pagepoolRing } from './pagepool-ring/bug.ts';
import { bug as poolMirror } from './pool-mirror.ts';
import { bug as qemuFlush } from './qemu-flush/bug.ts';
import { bug as qemuMultifdHeader } from './qemu-multifd-header/bug.ts';
import { bug as qemuZlib } from './qemu-zlib/bug.ts';
import { bug as rdsPrequeue } from './rds-prequeue/bug.ts';
import { bug as rxeStateLock } from './rxe-state-lock/bug.ts';
import { bug as rxPageRecheck } from './rx-page-recheck/bug.ts';
import { bug as segmentOrphan } from './segment-orphan.ts';
import { bug as sendpageOk } from './sendpage-ok/bug.ts';
import { bug as smcTee } from './smc-tee/bug.ts';
import { bug as smsc95xxCow } from './smsc95xx-cow/bug.ts';
import { bug as sockmapBacklog } from './sockmap-backlog/bug.ts';
import { bug as spdkListenerStop } from './spdk-listener-stop/bug.ts';
import { bug as spliceSlab } from './splice-slab/bug.ts';
import { bug as sunrpcRtx } from './sunrpc-rtx.ts';
import { bug as taskFrag } from './task-frag/bug.ts';
import { bug as tcpRxZerocopy } from './tcp-rx-zerocopy.ts';
import { bug as tempestaTls } from './tempesta-tls/bug.ts';
import { bug as tlsAsyncHold } from './tls-async-hold/bug.ts';
import { bug as tlsAsyncNotify } from './tls-async-notify/bug.ts';
import { bug as tlsBacklog } from './tls-backlog/bug.ts';
import { bug as tlsClearSkb } from './tls-clear-skb/bug.ts';
import { bug as ubufsNoFrags } from './ubufs-no-frags/bug.ts';
import { bug as ucxAmRelease } from './ucx-am-release/bug.ts';
import { bug as ucxRndv } from './ucx-rndv/bug.ts';
import { bug as udpFraggap } from './udp-fraggap/bug.ts';
import { bug as udpZerocopyReview } from './udp-zerocopy-review/bug.ts';
import { bug as unixSendpage } from './unix-sendpage/bug.ts';
import { bug as vhostHeadIndex } from './vhost-head-index/bug.ts';
import { bug as vhostSendmsgFail } from './vhost-sendmsg-fail/bug.ts';
import { bug as vhostUbufPut } from './vhost-ubuf-put/bug.ts';
import { bug as vsockBindLate } from './vsock-bind-late/bug.ts';
import { bug as vsockLastRecord } from './vsock-last-record/bug.ts';
import { bug as xskCb } from './xsk-cb/bug.ts';
import { bug as xskImmature } from './xsk-immature/bug.ts';
import { bug as xskSharedCq } from './xsk-shared-cq/bug.ts';
import { bug as zcrxUserRef } from './zcrx-user-ref/bug.ts';

/** Every bug, a line each, the oldest first. */
export const BUGS: readonly Bug[] = [
  pageCountLook,
  drbdDisconnect,
  spliceSlab,
  drbdProtocolA,
  mbufRdonly,
  sunrpcRtx,
  vhostHeadIndex,
  pageCountSet,
  segmentOrphan,
  dpdkVhostSegments,
  mzcCopiedFlag,
  smsc95xxCow,
  ubufsNoFrags,
  ucxRndv,
  packetTxRing,
  udpZerocopyReview,
  drbdStableWrites,
  mlx5KtlsResync,
  tempestaTls,
  dpdkGsoExternal,
  rxPageRecheck,
  sendpageOk,
  vhostSendmsgFail,
  xskSharedCq,
  expandHeadPagePool,
  gvisorNic,
  nbdClearQue,
  taskFrag,
  coalescePool,
  dirtyPipe,
  fuseDirectSplice,
  gvisorGro,
  netbackIrq,
  netfrontQuery,
  qemuFlush,
  qemuMultifdHeader,
  qemuZlib,
  gvisorForwarder,
  mlx5eRefill,
  rxeStateLock,
  sockmapBacklog,
  unixSendpage,
  dpdkCnxkExtbuf,
  espPagePool,
  gvisorVeth,
  poolMirror,
  tcpRxZerocopy,
  tlsAsyncNotify,
  tlsBacklog,
  tlsClearSkb,
  iouringNotif,
  pagePoolUnmap,
  pagepoolRing,
  spdkListenerStop,
  vhostUbufPut,
  xskCb,
  xskImmature,
  algifAead,
  espManagedFrags,
  espOutputLeak,
  groZerocopy,
  macbClose,
  markHelpers,
  markRxrpc,
  markUdpEsp,
  mtuProbe,
  nixlRelease,
  pagePoolScrub,
  rdsPrequeue,
  smcTee,
  tlsAsyncHold,
  ucxAmRelease,
  udpFraggap,
  vsockLastRecord,
  vsockBindLate,
  zcrxUserRef,
];
