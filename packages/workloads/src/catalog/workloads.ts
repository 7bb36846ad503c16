// The workloads, in the order of every table. Each says in its story what happens and why it matters.
import type { Workload } from '../scenario.ts';
import { BULK_LOSS, BULK_LOSS_GRO, NO_SG } from './bulk.ts';
import { DST_DISCONNECT, DST_REPLICAS } from './dst.ts';
import { ISCSI_DIGEST, ISCSI_RECOVERY, ISCSI_WRITE } from './iscsi.ts';
import { LOOPBACK_SLOW_READER, TAP_SLOW_READER } from './local.ts';
import { NFS_ODIRECT, NFS_RESEND_COPIES, NFS_TCP_RETRANSMIT } from './nfs.ts';
import { NFS_BUFFERED } from './nfs-buffered.ts';
import { FAILOVER, NFS_RECONNECT } from './nfs-paths.ts';
import { NFS_UDP } from './nfs-udp.ts';
import { NETBACK_BRIDGE, NETBACK_GRANT_COPY, NETBACK_HOSTILE } from './netback.ts';
import { ORDINARY } from './ordinary.ts';
import { RECEIVE_POOL_BRIDGE, RECEIVE_POOL_READER } from './receive-pool.ts';
import { LISTENER_STOP, RESET_MIDWAY } from './teardown.ts';
import { SENDFILE_LOCKED, SENDFILE_WRITER } from './sendfile.ts';
import { SENDFILE_TRUNCATE, SPLICE_PROXY, VMSPLICE } from './splice.ts';
import { VRINGFD, VRINGFD_READER_STOPS } from './vringfd.ts';

export const WORKLOADS: readonly Workload[] = [
  NFS_ODIRECT,
  NFS_TCP_RETRANSMIT,
  SENDFILE_WRITER,
  SENDFILE_LOCKED,
  BULK_LOSS,
  BULK_LOSS_GRO,
  LOOPBACK_SLOW_READER,
  TAP_SLOW_READER,
  NO_SG,
  RESET_MIDWAY,
  NFS_RECONNECT,
  FAILOVER,
  LISTENER_STOP,
  SENDFILE_TRUNCATE,
  VMSPLICE,
  SPLICE_PROXY,
  NFS_RESEND_COPIES,
  NFS_BUFFERED,
  NFS_UDP,
  NETBACK_BRIDGE,
  NETBACK_HOSTILE,
  NETBACK_GRANT_COPY,
  VRINGFD,
  VRINGFD_READER_STOPS,
  RECEIVE_POOL_READER,
  RECEIVE_POOL_BRIDGE,
  ISCSI_WRITE,
  ISCSI_DIGEST,
  ISCSI_RECOVERY,
  DST_REPLICAS,
  DST_DISCONNECT,
  ORDINARY,
];
