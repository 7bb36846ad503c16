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
  .replace(/\nlastref \d.*\n$/, '') // which version made it changes with every commit
  .split('\n')
  .map((line) => (line.length > 150 ? `${line.slice(0, 147)}...` : line))
  .join('\n')
  .trimEnd();

// What the comparison, the eras and the matrix say, a sentence each; the token is looked up where it was found.
const LEARNED = [
  {
    text: 'The return of sendpage says nothing about the page: who takes a lock that sendfile held, and writes, has the peer read the new bytes.',
    design: 'naive-sendpage',
    workload: 'sendfile-locked',
    property: 'corrupt',
    harm: 'delivered',
  },
  {
    text: 'Nor does the ACK: over loopback the receive queue still holds the very pages that were acknowledged.',
    design: 'tcp-ack-callback',
    workload: 'loopback-slow-reader',
    property: 'corrupt',
  },
  {
    text: 'Nor does the reply: the answer to one transmission overtakes a retransmission that the driver still holds. What NFS itself sends again is a copy since 3.13, what TCP sends again of it since 5.1.',
    design: 'rpc-reply',
    workload: 'nfs-odirect',
    property: 'corrupt',
  },
  {
    text: 'A callback in sock_wfree that asks for clones, as its author wrote it, tells hardly anybody over TCP: a packet comes back from the driver while its original still waits in the write queue for the ACK.',
    design: 'sock-wfree',
    workload: 'nfs-odirect',
    property: 'lost',
  },
  {
    text: 'One destructor for a shared info is not enough for what it was not made for: TCP puts pages of several senders into one sk_buff, of which the patch of 2008 has no line, and if the last to set it is called, the others are forgotten.',
    design: 'rusty-shinfo-orig',
    workload: 'nfs-odirect',
    property: 'lost',
  },
  {
    text: 'With one sender for each sk_buff the same patch is clean in the kernel that it was made for; skb_shift, less than a year later (2.6.29), broke it without a conflict to merge.',
    design: 'rusty-shinfo-orig-one-loan',
    workload: 'bulk-loss-gro',
    era: '2.6.32',
  },
  {
    text: "A counted destructor in every fragment goes wherever the kernel's own helpers go, and no further: who takes the page alone, as splice to another socket does, leaves it behind.",
    design: 'ian-frag-destructor',
    workload: 'splice-proxy',
    property: 'corrupt',
  },
  {
    text: 'Whoever waits for the last reader waits for any program that reads: a tap whose reader sleeps holds the pages for ever. MSG_ZEROCOPY gives the tap a copy.',
    design: 'ian-frag-destructor',
    workload: 'tap-slow-reader',
    property: 'unbounded',
  },
  {
    text: 'Up to 6.4 an MTU probe copies what it takes of queued packets, and MSG_ZEROCOPY says all the same that they went out from their pages.',
    design: 'msg-zerocopy',
    mover: 'tcp_mtu_probe (copy)',
    era: '4.14',
  },
  {
    text: 'Since 6.5 an MTU probe takes pages of queued packets by reference and not their ubuf_info: MSG_ZEROCOPY announces them while the probe can still send them.',
    design: 'msg-zerocopy',
    mover: 'tcp_clone_payload',
    era: '7.2.13',
  },
];

const document = (name) => JSON.parse(readFileSync(`${root}results/${name}.json`, 'utf8'));

function tokenOf({ design, workload, property, harm, mover, era }) {
  if (mover !== undefined) {
    const { rows } = JSON.parse(run('movers', '--era', era, '--designs', design, '--json'));
    return rows.find((r) => r.mover === mover).cells[design].token;
  }
  const rows = document(era === undefined ? 'compare' : 'eras').rows;
  const here = (r) => r.design === design && r.workload === workload;
  if (era !== undefined) return rows.find((r) => here(r) && r.era === era).token;
  const shows = (f) => f.property === property && (harm === undefined || f.harm === harm);
  return rows.find(here).findings.find(shows).token;
}

const learned = LEARNED.map(({ text, ...at }, i) => {
  const token = tokenOf(at);
  if (typeof token !== 'string') throw new Error(`nothing was found for: ${text}`);
  return `${i + 1}. ${text}\n   \`./lastref replay ${token}\``;
}).join('\n');

// Cells of the table whose word is another one with another seed.
function chanceText({ seeds, rows }) {
  const shown = rows.filter(
    (r) => DESIGNS.includes(r.design) && WORKLOADS.includes(r.workload) && r.words.length > 1,
  );
  const texts = shown.map(
    (r) =>
      `${r.design} on ${r.workload} (${r.words.map((w) => `*${w.word}* in ${w.seeds}`).join(', ')})`,
  );
  const which =
    texts.length === 0
      ? 'every word above is the same'
      : `these words differ: ${texts.join('; ')}; every other one is the same`;
  return `Each cell is one run. Over ${seeds} seeds ${which}. [\`results/seeds.md\`](results/seeds.md) has all cells.`;
}

let readme = readFileSync(`${root}README.md`, 'utf8');
const code = (text) => `\`\`\`\n${text}\n\`\`\``;
// What results/lab.md says first: a paragraph and a table.
const lab = /\n\n(The same scripts[\s\S]*?)\n\nImage of/.exec(
  readFileSync(`${root}results/lab.md`, 'utf8'),
)[1];
for (const [name, text] of [
  ['table', code(table)],
  ['chance', `\n${chanceText(document('seeds'))}\n`],
  ['lab', `\n${lab}\n`],
  ['learned', `\n${learned}\n`],
  ['story', code(`$ ./lastref replay ${token}\n${story}`)],
]) {
  const block = new RegExp(`<!-- ${name} -->[\\s\\S]*?<!-- /${name} -->`);
  if (!block.test(readme)) throw new Error(`README.md has no place for the ${name}`);
  readme = readme.replace(block, () => `<!-- ${name} -->\n${text}\n<!-- /${name} -->`);
}
writeFileSync(`${root}README.md`, readme);
