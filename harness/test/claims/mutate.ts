// Other observations than those that were made: every fact of a kind made absent, certain, small or large.
type Json = unknown;

/** A fact by its place, with array places left out: all alike are changed together. */
type Path = readonly string[];

const OTHERS: Readonly<Record<string, string>> = {
  refuted: 'holds',
  holds: 'refuted',
  'not-exercised': 'refuted',
  proven: 'refuted',
  copied: 'refuted',
  exhausted: 'refuted',
  'bound-reached': 'exhausted',
};

/** What the model, or a kernel, has not: a claim that is settled by the want of it would be otherwise. */
const LACKING = ['infiniband', 'sctp', 'dccp', 'page.destructor'];

/** What a fact could have been instead. */
function alternatives(value: Json): Json[] {
  if (typeof value === 'number') return [0, 1, value + 1, 1000 * (value + 1)];
  if (typeof value === 'boolean') return [!value];
  if (typeof value === 'string') return [OTHERS[value] ?? 'something else'];
  if (Array.isArray(value))
    return value.some((v) => typeof v === 'string')
      ? [[], [...(value as Json[]), ...LACKING]]
      : [[]];
  return [];
}

function isRecord(value: Json): value is Record<string, Json> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The places of all facts in `value`. */
export function pathsIn(value: Json, at: Path = []): Path[] {
  const here = alternatives(value).length > 0 ? [at] : [];
  if (Array.isArray(value)) return [...here, ...value.flatMap((v) => pathsIn(v, [...at, '*']))];
  if (!isRecord(value)) return here;
  return [...here, ...Object.entries(value).flatMap(([k, v]) => pathsIn(v, [...at, k]))];
}

/** `value` with the `n`-th alternative at `path`; itself where it has none. */
export function changedAt(value: Json, path: Path, n: number): Json {
  const [head, ...rest] = path;
  if (head === undefined) {
    const others = alternatives(value);
    return others.length === 0 ? value : others[n % others.length];
  }
  if (head === '*')
    return Array.isArray(value) ? value.map((v: Json) => changedAt(v, rest, n)) : value;
  if (!isRecord(value) || !(head in value)) return value;
  return { ...value, [head]: changedAt(value[head], rest, n) };
}

/** How many alternatives a fact has at most. */
export const ALTERNATIVES = 4;

/** What a clean record and a bad one look like, whatever was seen. */
export const WHOLESALE: readonly ((facts: Json) => Json)[] = [
  (facts) => replaceAll(facts, false),
  (facts) => replaceAll(facts, true),
];

function replaceAll(facts: Json, bad: boolean): Json {
  if (!isRecord(facts)) return facts;
  const finding = {
    property: 'early',
    harm: 'hazard',
    where: 'tx ring',
    count: 1,
    text: '',
    token: 't',
  };
  const corrupt = { ...finding, property: 'corrupt', harm: 'delivered', where: 'application' };
  return {
    ...facts,
    ...('findings' in facts ? { findings: bad ? [finding, corrupt] : [] } : {}),
    ...('result' in facts ? { result: bad ? 'refuted' : 'exhausted' } : {}),
    ...(facts['verdict'] !== undefined
      ? { verdict: bad ? 'refuted' : 'proven', properties: bad ? ['early'] : [] }
      : {}),
  };
}
