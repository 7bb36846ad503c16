import { Cell } from './src/run.ts';
import { WORKLOADS } from '@lastref/workloads';
import { eraOf } from '@lastref/kernel';
const ids = (process.argv[2] ?? 'naive-sendpage,rpc-reply,copy-always,ian-frag-destructor,rusty-shinfo-orig,no-clone,splice-pipe-release,sock-wfree').split(',');
const wl = process.argv[3];
const era = eraOf(process.argv[4] ?? '3.8')!;
for (const w of WORKLOADS) { if (wl && !wl.split(',').includes(w.id)) continue;
 for (const id of ids) {
  const { design } = await import(`../strategies/${id}.ts`);
  const t = performance.now();
  try {
    const cell = new Cell({ design, workload: w, era, seed: 1 });
    const r = cell.runByClock();
    const ms = (performance.now() - t).toFixed(0);
    console.log(w.id, id, ms + 'ms', 'steps', r.steps, 'ticks', r.ticks, r.drained ? '' : 'NOT DRAINED', JSON.stringify(r.progress.map(p=>p.done+'/'+p.of)), 'loans', r.judgement.loans, 'done', r.judgement.completions, 'hold', JSON.stringify(r.judgement.hold), 'skbs', cell.k.skbs.used, cell.k.fclones.used, cell.k.shinfos.used);
    for (const f of r.judgement.findings) console.log('    ', f.property, f.harm, f.where, 'x' + f.count, 'step', f.step, f.text);
  } catch (e) { console.log(w.id, id, 'EXC', (e as Error).stack); }
 }
}
