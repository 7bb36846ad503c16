// Puts what the program really prints into README.md, between its markers: `node scripts/readme.mjs`.
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const run = (...args) =>
  spawnSync(process.execPath, [`${root}lastref`, ...args], {
    encoding: 'utf8',
    env: { ...process.env, NO_COLOR: '1' },
  }).stdout;

// What fits on a page; results/compare.md has the rest.
const DESIGNS = [
  'naive-sendpage',
  'rpc-reply',
  'copy-always',
  'no-clone',
  'sock-wfree',
  'sock-wfree-asks-pages',
  'splice-pipe-release',
  'rusty-shinfo-orig',
  'rusty-shinfo-orig-one-loan',
  'ian-frag-destructor',
  'page-foreign',
  'msg-zerocopy',
];
const WORKLOADS = [
  'nfs-odirect',
  'nfs-tcp-retransmit',
  'sendfile-writer',
  'bulk-loss',
  'loopback-slow-reader',
  'tap-slow-reader',
  'capture',
];
const printed = run('compare', '--designs', DESIGNS.join(), '--workloads', WORKLOADS.join());
const table = printed.slice(0, printed.indexOf('delivered  an application')).trimEnd();
const token = /lastref replay (\S+)/.exec(printed)[1];
const story = run('replay', token)
  .split('\n')
  .map((line) => (line.length > 150 ? `${line.slice(0, 147)}...` : line))
  .join('\n')
  .trimEnd();

let readme = readFileSync(`${root}README.md`, 'utf8');
const code = (text) => `\`\`\`\n${text}\n\`\`\``;
// What results/lab.md says first: a paragraph and a table.
const lab = /\n\n(The same scripts[\s\S]*?)\n\nImage of/.exec(
  readFileSync(`${root}results/lab.md`, 'utf8'),
)[1];
for (const [name, text] of [
  ['table', code(table)],
  ['lab', `\n${lab}\n`],
  ['story', code(`$ ./lastref replay ${token}\n${story}`)],
]) {
  const block = new RegExp(`<!-- ${name} -->[\\s\\S]*?<!-- /${name} -->`);
  if (!block.test(readme)) throw new Error(`README.md has no place for the ${name}`);
  readme = readme.replace(block, () => `<!-- ${name} -->\n${text}\n<!-- /${name} -->`);
}
writeFileSync(`${root}README.md`, readme);
