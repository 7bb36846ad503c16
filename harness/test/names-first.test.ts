// A candidate takes seconds to compile and to load: a name that nobody has is told before. The candidate here is a file
// that is not there, which is what a command says once it comes to load it.
import { expect, test } from 'vitest';
import { lastref } from './run-cli.ts';

const MINE = ['--with', '/nowhere/mine.ts'];
const first = (...args: string[]) => {
  const { code, stdout, stderr } = lastref(...args, ...MINE);
  expect([code, stdout]).toEqual([2, '']);
  return stderr;
};

test.each([
  ['compare', '--workloads', 'nfs-odirec'],
  ['compare', '--capture', 'packages/capture/data/04-rpc-write-client.pcap', '--workloads', 'no'],
  ['campaign', '--workloads', 'nfs-odirec~2'],
  ['eras', '--workloads', 'nfs-odirect,nfs-odirec'],
  ['processors', '--workloads', 'nfs-odirec'],
  ['seeds', '--workloads', 'runtime-plai'],
  ['report', '--text', '--workloads', 'nfs-odirec'],
  ['check', 'mine', 'nfs-odirec'],
  ['explore', 'mine', 'nfs-odirec~2'],
])('%s: a workload', (...args) => {
  expect(first(...args)).toMatch(/^lastref: unknown workload '[^\n]+\n$/);
});

test.each([
  [['compare', '--era', '3.9'], 'unknown era'],
  [['layout', '--era', '9.9'], "unknown era '9.9'"],
  [['layout', '--struct', 'skbuff'], "unknown struct 'skbuff'"],
  [['port', 'mine', '--era', '3.8'], 'no scan of 3.8 is kept'],
  [['sites', '.', '--design', 'mine', '--era', 'new'], "'new' names no kernel tree"],
  [['check', 'mine', 'nfs-odirect', '--preemptions', '1'], 'add --cpus 2'],
  [['campaign', '--queue', 'foo'], '--queue foo: this is no URL'],
])('%j: a kernel, a struct, a bound, a queue', (args, says) => {
  expect(first(...args)).toContain(says);
});

test.each(['compare', 'campaign', 'seeds', 'stories', 'movers', 'mutants', 'layout', 'report'])(
  '%s: a design, where more names are unknown than files can bring',
  (command) => {
    const said = first(command, '--designs', 'mine,rpc-repl,msg-zerocopy');
    expect(said).toBe("lastref: unknown design 'rpc-repl'; did you mean rpc-reply?\n");
    // one of them may be what the file brings, whatever its name
    expect(first(command, '--designs', 'rpc-repl,msg-zerocopy')).toContain('mine.ts: no such file');
  },
);
