import { explore, DEFAULT_BOUND } from '@lastref/search';
import { WORKLOADS, miniature } from '@lastref/workloads';
import { eraOf } from '@lastref/kernel';
import { allDesigns } from './src/registry.ts';
import { encodeToken } from './src/token.ts';
const designs = (await allDesigns()).map((d) => d.design);
const [, , d, w, json] = process.argv;
const bound = { ...DEFAULT_BOUND, ...JSON.parse(json ?? '{}') };
for (const design of designs.filter((x) => d === 'all' || x.id === d))
  for (const wl of WORKLOADS.filter((x) => w === 'all' || x.id === w)) {
    const t = performance.now();
    try {
      const r = explore(
        { design, workload: miniature(wl, bound.operations), era: eraOf('3.8')!, seed: 1 },
        { bound, reduction: bound.reduction ?? true },
      );
      const s = (performance.now() - t) / 1000;
      console.log(
        design.id,
        wl.id,
        r.result,
        r.finding?.property ?? '',
        r.finding?.text ?? '',
        'steps',
        r.steps,
        'states',
        r.states,
        'exec',
        r.executions,
        'depth',
        r.depth,
        'ends',
        r.ends,
        'cut',
        r.cut,
        s.toFixed(1) + 's',
        (r.executions / s).toFixed(0) + '/s',
        [...r.exercised].join(','),
      );
    } catch (e) {
      console.log(design.id, wl.id, 'EXC', (e as Error).stack?.split('\n').slice(0, 4).join(' | '));
    }
  }
