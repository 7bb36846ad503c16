// Who is needed for an operation: one rule for all of them, which `whoOf` says, and what a run shows of who keeps a packet.
import { ERAS, type Domain, type Who } from '@lastref/kernel';
import { expect, test } from 'vitest';
import { design as pages } from '../../../strategies/page-foreign.ts';
import {
  SENDER,
  existsIn,
  matrixOperations,
  runMatrixCell,
  whoOf,
  type Operation,
} from '../src/index.ts';

/** Who runs what keeps a packet, by the name that it has on the stage. */
const KEEPERS: readonly (readonly [RegExp, Who])[] = [
  [/^(tap|queue) reader$|^netlink message$/, 'root'],
  [/^(tun|vnet\d|macvtap) reader$/, 'guest'],
  [/^(slow|error queue|unix|psock|kcm|vsock) reader$|^pipe$|^tls sender$/, 'local user'],
];

/** The reader of the datagram stands behind the operation: reassembly itself waits for nobody. */
const READ_LATER = /^ip_frag_reasm/;

/** A privileged program lends there or gets a copy, or an administrator detaches a device: it keeps nothing. */
const ROOT_KEEPS_NOTHING = [
  'tpacket_rcv',
  'tpacket_snd',
  'nf_queue (sums)',
  'xsk_build_skb_zerocopy',
  'xsk_build_skb_zerocopy (no NAPI)',
  'xennet_release_tx_bufs',
];

const newest = (operation: Operation) => ERAS.filter((era) => existsIn(operation, era.id)).pop();

/** Programs that had the pages of a lender who waits for the last reader. */
function keepers(operation: Operation): Who[] {
  const era = newest(operation);
  if (era === undefined) return [];
  const { domain: _, ...anybody } = pages;
  const { heldBy } = runMatrixCell(anybody, operation, era);
  return heldBy.flatMap((name) => KEEPERS.filter(([of]) => of.test(name)).map(([, who]) => who));
}

test('where a program keeps a packet, it is who runs that program; nobody else is root', () => {
  const kept = matrixOperations().map((operation) => ({
    ...operation,
    by: READ_LATER.test(operation.id) ? [] : [...new Set(keepers(operation))],
  }));
  for (const { id, who, by } of kept.filter((o) => o.by.length > 0))
    expect([id, by]).toEqual([id, [who]]);
  const root = kept.filter((o) => o.by.length === 0 && o.who === 'root' && newest(o) !== undefined);
  expect(root.map(({ id }) => id).sort()).toEqual(ROOT_KEEPS_NOTHING.sort());
});

test('where the way of a packet is enough, it is whoever can have lent what comes there', () => {
  const made = (by: NonNullable<Domain['by']>): Domain => ({ by, source: 'tests' });
  const lenders = [made(['driver']), made(['guest']), made(['guest', 'process']), made(['stream'])];
  const asked = matrixOperations().filter((o) => o.who === SENDER && o.meets === undefined);
  expect(asked.map(({ id }) => id)).toEqual(
    expect.arrayContaining(['skb_linearize', 'skb_try_coalesce', 'netif_receive_generic_xdp']),
  );
  for (const operation of asked)
    expect([operation.id, ...lenders.map((domain) => whoOf(operation, domain))]).toEqual([
      operation.id,
      'remote peer',
      'guest',
      'guest',
      'local user',
    ]);
  const over = (id: string) =>
    whoOf(
      matrixOperations().find((o) => o.id === id)!,
      undefined,
    );
  expect(over('loopback_xmit')).toBe('local user'); // nobody else sends there
  expect(over('skb_segment (handed over)')).toBe('guest');
});

test('what is decrypted has come up, whatever was done to it before', () => {
  const decrypted = matrixOperations().filter(({ id }) => id.endsWith(', esp_input'));
  expect(decrypted.map(({ who }) => who)).toEqual(decrypted.map(() => SENDER));
});
