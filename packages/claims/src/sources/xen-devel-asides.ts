// What that mail says in passing: Infiniband, the corner cases of no-clone, and what a copy does to scalability.
import { experiment } from '../experiment.ts';
import { broken, costOf, everyOperation, gravest, refutedOperations } from '../reading.ts';
import { clock, lab, type OperationFacts } from '../run.ts';
import { listOf, round } from '../words.ts';

const ERA = '2.6.38';
const NO_CLONE = 'no-clone';

export const C12 = experiment({
  id: 'C12',
  claim: 'Infiniband might have an interest in this as well',
  hypothesis:
    'Pages that are lent over Infiniband have the same trouble: a completion before their last reader.',
  method:
    'What pages are lent over in this model; were Infiniband among it, the workloads over it. IP over Infiniband is a network device as any other, and is part of every claim on devices.',
  refuting: 'a workload over Infiniband, and nothing early under bare references',
  runs: { over: lab('carriers', 'naive-sendpage', ERA) },
  settle({ over }) {
    const saw = `Pages are lent over ${listOf(over)}.`;
    if (over.includes('infiniband')) return { verdict: 'qualified', saw };
    return {
      verdict: 'not-settled',
      saw,
      missing:
        'Infiniband verbs: the adapter reads registered memory from work requests, with no sk_buff and no fragment, so nothing of what this model has is on that path',
    };
  },
});

/** The look was taken before 2011; what came later is for whoever takes it again. */
const TAKES = ['2.6.32', '2.6.38', '3.8'] as const;
const taken = TAKES.map((era) => everyOperation(NO_CLONE, era));

export const C13 = experiment({
  id: 'C13',
  claim: 'honouring no-clone turned into a maze with nasty corner cases: these',
  hypothesis:
    'Although every clone of a flagged skb is a copy, some operations leave its pages where its destructor does not see them.',
  method:
    'The flag honoured at every site and carried along, every operation in every order of release, in three kernels: which break it, and how.',
  refuting: 'no operation breaks it',
  runs: { first: taken[0]!, second: taken[1]!, third: taken[2]! },
  settle({ first, second, third }) {
    const looks = [first, second, third].map((facts, i) => cornersOf(taken[i]!, facts));
    const named = new Set<string>();
    const words = looks.map((corners, i) => {
      const fresh = corners.filter((c) => !named.has(c.operation));
      for (const { operation } of fresh) named.add(operation);
      const list = listOf(fresh.map((c) => `${c.operation} (${c.property})`));
      return `${TAKES[i]!}: ${fresh.length === 0 ? 'no other' : list}`;
    });
    const saw = `Corner cases in ${words.join('; as well in ')}.`;
    const token = first.find(broken)?.token ?? third.find(broken)?.token ?? null;
    if (named.size === 0) return { verdict: 'refuted', saw: 'No operation breaks it.' };
    const always = looks.every((corners) => corners.length > 1);
    return { verdict: always ? 'confirmed' : 'qualified', saw, token };
  },
});

function cornersOf(runs: (typeof taken)[number], facts: readonly OperationFacts[]) {
  const bad = refutedOperations(runs, facts);
  return runs.flatMap(({ operation }, i) =>
    bad.includes(operation) ? [{ operation, property: facts[i]!.properties[0] ?? 'early' }] : [],
  );
}

export const C14 = experiment({
  id: 'C14',
  claim: 'grant-copy has scalability implications, as the copy is the backend’s',
  hypothesis:
    'The work of the backend grows with the bytes of all its guests together, so that it is the backend that ends first.',
  method:
    'Payload bytes that the backend copies for each packet, with grant-copy and with pages mapped.',
  refuting: 'the backend copies no byte more than with the mapping',
  runs: {
    copied: clock('page-foreign', 'netback-grant-copy', ERA),
    mapped: clock('page-foreign', 'netback-hostile', ERA),
  },
  settle({ copied, mapped }) {
    const each = (f: typeof copied): number =>
      costOf(f, 'lent', 'copiedPayloadBytes') / Math.max(1, f.loans);
    const saw = `${round(each(copied))} bytes of payload for each packet with grant-copy, ${round(each(mapped))} with pages mapped, all of them the backend's.`;
    if (each(copied) <= each(mapped)) return { verdict: 'refuted', saw, token: gravest([copied]) };
    return {
      verdict: 'not-settled',
      saw,
      missing:
        "a processor that is busy while it copies, and the price of what is saved: mapping and unmapping a grant are calls of the hypervisor with a flush of every processor's TLB, which may cost more than the copy",
    };
  },
});
