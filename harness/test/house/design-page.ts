// A page for each design, made of its card and its class: docs/designs/.
import { PageHome, Site, type Design } from '@lastref/kernel';
import { code, escapeMarkdown, table } from '@lastref/report';
import { literalOf } from '@lastref/runner';
import { layouts } from '@lastref/runner/layouts';
import { overridden } from '@lastref/mutants';

const STATUS: Record<Design['status'], string> = {
  proposed: 'proposed, not merged',
  considered: 'considered, not proposed',
  merged: 'merged',
  'out-of-tree': 'used out of tree',
  practice: 'common practice',
  canary: 'wrong on purpose',
};

/** What became of it. A repair is a line or a look more than its author has, and nobody has asked for it. */
function statusOf({ status, repairs }: Design): string {
  return repairs === undefined ? STATUS[status] : 'a repair of ours, proposed by nobody';
}

const SEAM = '../../packages/kernel/src/lifetime.ts';
const LEDGER = '../../results/verdicts/claims.txt';

/** The page of one of `designs`, as Markdown. */
export function designPage(design: Design, designs: readonly Design[]): string {
  const { id } = design;
  const parts = [
    `# ${escapeMarkdown(design.title)}`,
    `${code(id)} · ${design.year} · ${statusOf(design)} · [the code](../../strategies/${id}.ts)`,
    escapeMarkdown(design.summary),
    ...variants(design, designs),
    '## Where it comes from',
    escapeMarkdown(design.source),
    ...(design.reading === undefined
      ? []
      : ['What the source leaves open, and how it is read here:', escapeMarkdown(design.reading)]),
    ...madeFor(design),
    '## What it changes',
    hooks(design),
    ...pages(design),
    structs(design),
    ...claims(design),
    '## See it run',
    [
      '```sh',
      `./lastref compare --designs ${[...new Set([id, 'naive-sendpage'])].join()}`,
      `./lastref check ${id} nfs-odirect`,
      `./lastref movers --designs ${id}`,
      `./lastref layout --designs ${id}`,
      '```',
    ].join('\n'),
  ];
  return `${parts.join('\n\n')}\n`;
}

/** Its domain, with the sentence that says so. */
function madeFor({ domain }: Design): string[] {
  if (domain === undefined) return [];
  if (domain.by?.length === 0)
    return [
      `No workload is what it was made for: ${escapeMarkdown(domain.source)}. All are run all the same, and stand in brackets.`,
    ];
  const lender = domain.by === undefined ? 'any lender' : domain.by.map(code).join(' or ');
  const carrier = domain.over === undefined ? '' : `, over ${domain.over.map(code).join(' or ')}`;
  const closing =
    domain.drains === false ? ', where no connection that was closed drains by itself' : '';
  const away = domain.onHost === false ? ', to nobody on the same host' : '';
  const what = domain.memory === 'pages' ? ', of what has a struct page' : '';
  const anyWork = domain.by === undefined && domain.over === undefined;
  const work = anyWork ? 'Operations on other memory' : 'Other workloads';
  const others = domain.since === undefined ? work : `${work} and kernels`;
  const end = domain.until === undefined ? '' : ` and before ${domain.until}`;
  const from = domain.since === undefined ? '' : `, from ${domain.since} on${end}`;
  return [
    `Made for ${lender}${carrier}${from}${away}${what}${closing}: ${escapeMarkdown(domain.source)}. ${others} are run all the same, and stand in brackets.`,
  ];
}

/** What it is a variant of, or which variants it has. */
function variants(design: Design, designs: readonly Design[]): string[] {
  const link = (id: string): string => `[${code(id)}](${id}.md)`;
  if (design.repairs !== undefined)
    return [`It repairs ${link(design.repairs)}, which is what its author wrote.`];
  if (design.readingOf !== undefined)
    return [`It is another reading of ${link(design.readingOf)}.`];
  const of = designs.filter((d) => d.id !== design.id && literalOf(d) === design.id);
  if (of.length === 0) return [];
  const texts = of.map(
    (d) => `${link(d.id)} (${d.repairs === undefined ? 'another reading' : 'a repair'})`,
  );
  return [`Variants with rows of their own: ${texts.join(', ')}.`];
}

function hooks(design: Design): string {
  const own = overridden(design).map(code);
  const sites = Object.entries(Site)
    .filter(([, bit]) => (design.hooks & bit) !== 0)
    .map(([name]) => code(name));
  const at =
    sites.length === 0 ? '' : ` Its patch touches these buffer operations: ${sites.join(', ')}.`;
  const what =
    own.length === 0
      ? `It overrides no hook of [the seam](${SEAM}): all is as mainline does it.`
      : `Of the hooks of [the seam](${SEAM}) it overrides ${own.join(', ')}.`;
  return what + at;
}

/** What it asks of pages and producers. */
function pages({ home, defers }: Design): string[] {
  const out: string[] = [];
  const name = Object.entries(PageHome).find(([, value]) => value === home)?.[0];
  if (name !== undefined)
    out.push(`It is made for pages of another home than the general free list: ${code(name)}.`);
  if (defers === true)
    out.push('Its callback only queues work; producers that may sleep are told from a workqueue.');
  if (defers === 'always') out.push('Its callback only queues work, which tells the producer.');
  return out;
}

function structs(design: Design): string {
  const { doc } = layouts({ designs: [design], era: null, struct: null });
  const rows = doc.rows.filter((r) => r.growth !== 0 || r.adds.length > 0);
  if (rows.length === 0) return 'It adds no field to any struct.';
  return table(
    ['kernel', 'struct', 'adds', 'bytes', 'growth'],
    rows.map((r) => [
      r.era,
      code(r.struct),
      r.adds.length === 0 ? '*in its members*' : r.adds.map(code).join(', '),
      String(r.bytes),
      String(r.growth),
    ]),
  );
}

/** The claims of the card, by their numbers in the ledger. */
function claims({ claims: ids }: Design): string[] {
  if (ids.length === 0) return [];
  return [
    '## What was said of it',
    `Rows ${ids.map((id) => `**${id}**`).join(', ')} of [the ledger of claims](${LEDGER}); \`./lastref claims\` tries each of them.`,
  ];
}

/** The table of contents. */
export function designIndex(designs: readonly Design[]): string {
  const rows = designs.map((d) => [
    `[${code(d.id)}](${d.id}.md)`,
    escapeMarkdown(d.title),
    d.repairs ?? d.readingOf ?? '',
    String(d.year),
    statusOf(d),
  ]);
  return `${[
    '# The designs',
    'Each page is made of the card at the top of its design, and of its class; `npm run verdicts` makes them again.',
    table(['id', 'what it is', 'variant of', 'year', 'status'], rows),
  ].join('\n\n')}\n`;
}
