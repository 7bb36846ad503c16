// LWN's last sentence: what would come of the patches.
import { experiment } from '../experiment.ts';
import { lab } from '../run.ts';
import { listOf } from '../words.ts';

const FORECAST = '3.2';

export const L11 = experiment({
  id: 'L11',
  claim: 'the feature is likely to appear in Linux 3.2',
  hypothesis: 'An entry of frags[] has a destructor beside its page pointer from Linux 3.2 on.',
  method:
    'The fields of skb_frag_t in each kernel whose structs are laid out, two before the forecast and all after it; the layouts are compared with the kernels’ own debug information where there is any.',
  refuting: 'no release from 3.2 on has the field',
  runs: { entries: lab('entry', 'ian-frag-destructor', FORECAST) },
  settle({ entries }) {
    const at = entries.findIndex((e) => e.kernel === FORECAST);
    const before = entries[at - 1];
    const later = entries.slice(at);
    const having = later.filter((e) => e.fields.some((f) => f.endsWith('destructor')));
    const wraps = later[0]!.fields.includes('page.p') && before?.fields.includes('page.p') !== true;
    const half = wraps
      ? 'What came in 3.2 is the ground for it: the page pointer went into a struct of its own, page.p, behind helpers'
      : 'Nothing of it came in 3.2';
    const saw = `${half}. A destructor beside it: ${having.length === 0 ? `in none of ${listOf(later.map((e) => e.kernel))}` : `in ${listOf(having.map((e) => e.kernel))}`}.`;
    if (having.length === 0) return { verdict: 'refuted', saw };
    return { verdict: having.includes(later[0]!) ? 'confirmed' : 'qualified', saw };
  },
});
