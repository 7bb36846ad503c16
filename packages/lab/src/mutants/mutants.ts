// How sharp is the comparison? Mutants of the modelled functions, each held to the kept answers alone: no guest, no
// other test. Goal: a rate that anybody can repeat. Non-goal: the rest of the machine, which has mutants of its own.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { context } from 'esbuild';
import type { KeptAnswers } from '../check.ts';
import { eraOf } from '@lastref/kernel';
import { ROOT } from '@lastref/runner';
import type { Say } from '../guest/fetch.ts';
import { LabError } from '../guest/process.ts';
import { generate } from '../generate.ts';
import { play } from '../play.ts';
import { scriptOf } from '../lab.ts';
import type { Script } from '../script.ts';
import { drawMutants, mutantsOf, mutated, type Mutant } from './mutate.ts';
import { REASONS } from './reasons.ts';
import { Stage, type Outcome } from './stage.ts';

export { mutantsOf, type Mutant } from './mutate.ts';

const CORE = 'packages/kernel/src/net/core';
const IPV4 = 'packages/kernel/src/net/ipv4';
const IPV6 = 'packages/kernel/src/net/ipv6';
/** The functions that scripts run, by file: their names, with blanks between. */
export const SUBJECTS: Readonly<Record<string, string>> = {
  [`${CORE}/skb_alloc.ts`]:
    'headBytes headClass initShinfo allocShinfo allocSkb allocCloneStruct skbReserve skbPut skbPull skbHeaderRelease skbGet skbCanCoalesce',
  [`${CORE}/skb_clone.ts`]: 'skbClone shareData skbCopy pskbCopy skbCopyBits',
  [`${CORE}/skb_coalesce.ts`]:
    'appendEntries grow skbTryCoalesce skbGroReceive skbGroReceiveList skbAddRxFrag skbAppendPagefrags skbSpliceFromIter',
  [`${CORE}/skb_carve.ts`]: 'pskbExtract pskbCarve carveFragList',
  [`${CORE}/skb_free.ts`]:
    'kfreeSkb kfreeSkbNow skbReleaseData datarefSub shinfoFree refFrags putFrags dropFragList dropList cloneFragList copyFragArray kfreeSkbmem',
  [`${CORE}/skb_head.ts`]:
    'movesReferences pskbExpandHead moveHead copyHead skbCow skbCowHead cow skbUnclone ensureTail',
  [`${CORE}/skb_private.ts`]:
    'skbCopyExpand skbCowData pagelen skbMorph skbCopyUbufs copyPages pack skbOrphanFrags skbOrphanFragsRx skbZerocopy',
  [`${CORE}/skb_pull.ts`]:
    'eatFrags pskbPullTail pskbMayPull skbLinearize pskbTrim skbCondense trimPaged pskbTrimHead eatFragList pullFront trimFragList replaceMember',
  [`${CORE}/skb_segment.ts`]: 'segment wholeMember memberSegment',
  [`${CORE}/skb_split.ts`]: 'skbSplit splitInsideHeader splitNoHeader skbShift unshareBoth account',
  [`${CORE}/skbuff.ts`]: 'copyFrag skbCloned skbHeaderCloned skbHeadlen skbHeadroom skbTailroom',
  [`${IPV4}/ip_append_data.ts`]: 'ipAppendData payloadOf startPacket putBytes appendBytes',
  [`${IPV4}/ip_append_page.ts`]: 'ipAppendPage appendRange',
  [`${IPV4}/ip_cork.ts`]:
    'maxFragLen maxLastLen roomIn nextPacket moveGap csumOf sumPart grow pageFrag',
  [`${IPV4}/ip_output.ts`]: 'ipFinishSkb ipFragment pageLen isChainOfFragments fastPath slowPath',
  [`${IPV4}/ip_fragment.ts`]: 'keyOf offsetOf moreFollow afterJoin',
  [`${IPV4}/ip_header.ts`]: 'writeIpHeader fixFragmentHeader ipSendCheck',
  [`${IPV4}/inet_fragment.ts`]: 'is defrag queue insert prepare finish',
  [`${IPV6}/ipv6_header.ts`]: 'writeIpv6Header writeFragHeader fixIpv6Header',
  [`${IPV6}/reassembly.ts`]: 'keyOf offsetOf moreFollow beforeJoin afterJoin',
  'strategies/msg-zerocopy.ts':
    'lend mayMove adopt orphanFragsRx pagesLeft ubufsCopied mayWriteFrags zcopyClear released copied isMarked clear put',
  'strategies/shared-frag-marker.ts': 'lend adopt mayWriteFrags',
  'strategies/page-pool.ts': 'lend mayMove fragUnref released put',
};

const SUBJECT_FILES =
  /\/(skb_\w+|skbuff|ip_\w+|inet_fragment|ipv6_header|reassembly|msg-zerocopy|shared-frag-marker|page-pool)\.ts$/;

/** How far a script is looked for that parts a mutant from the model, and how many are drawn at a time. */
const HUNT_CHUNK = 500;
/** Whose models are asked: what differs by era is switched between these. */
const HUNT_ERAS = ['5.10.223', '7.2.13'] as const;
const HUNT_LENGTHS = ['listed', 'full', 'joined', 'corked', 'long', 'short'] as const;

export interface MutantResult {
  readonly mutant: Mutant;
  /** Of one that the answers do not see: what parts it from the model, if that was looked for and found. */
  readonly found: Script | null;
  /** What saw it: kernel and operation, or how the model stopped; null: nothing did. */
  readonly seenBy: string | null;
  /** Of one that nothing saw. */
  readonly reason: { readonly equivalent: boolean; readonly text: string } | null;
}

/**
 * A mutant that does not come to an end is seen: at so many times what the model takes for all answers, on a machine as
 * busy as this one is, and not before so many milliseconds (the model takes a second or two).
 */
const LIMIT_TIMES = 4;
const LIMIT_MS = 10_000;

/**
 * `count` mutants, drawn by `seed`. For one that is not seen nor explained up to `hunt` more scripts are played on it
 * and on the model. Throws LabError without the sources.
 */
export async function sharpness(
  kept: readonly KeptAnswers[],
  count: number,
  seed: number,
  hunt: number,
  say: Say,
): Promise<MutantResult[]> {
  const entry = join(ROOT, 'packages/lab/src/check.ts');
  if (!existsSync(entry))
    throw new LabError('mutants are made of the sources, and these are not here');
  const all = Object.entries(SUBJECTS).flatMap(([file, played]) =>
    mutantsOf(file, readFileSync(join(ROOT, file), 'utf8'), new Set(played.split(' '))),
  );
  const drawn = drawMutants(all, count, seed);
  say(`${drawn.length} of ${all.length} mutants, drawn by seed ${seed}`);
  let current: Mutant | null = null;
  const build = await context({
    entryPoints: [entry],
    bundle: true,
    write: false,
    format: 'iife',
    globalName: 'subject',
    platform: 'node',
    conditions: ['@lastref/source'],
    logLevel: 'silent',
    plugins: [
      {
        name: 'mutant',
        setup: (plugin) => {
          // only these: whatever else is read once stays read
          plugin.onLoad({ filter: SUBJECT_FILES }, ({ path }) => {
            const source = readFileSync(path, 'utf8');
            const here = current !== null && path === join(ROOT, current.file);
            return { contents: here ? mutated(source, current!) : source, loader: 'ts' };
          });
        },
      },
    ],
  });
  const bundled = async (mutant: Mutant | null): Promise<string> => {
    current = mutant;
    const { outputFiles } = await build.rebuild();
    return outputFiles[0]!.text;
  };
  const stage = new Stage(kept);
  try {
    const prey = new Prey(stage, hunt);
    const model = await bundled(null);
    const begun = performance.now();
    const clean = seenBy(await stage.played(model, null));
    if (clean !== null)
      throw new LabError(`the model as it is does not agree with the answers: ${clean}`);
    const limit = Math.max(LIMIT_MS, LIMIT_TIMES * Math.ceil(performance.now() - begun));
    const results: MutantResult[] = [];
    for (const mutant of drawn) {
      const program = await bundled(mutant).catch(() => null);
      const seen =
        program === null ? 'it does not build' : seenBy(await stage.played(program, limit));
      const reason = seen === null ? reasonOf(mutant) : null;
      const found =
        seen === null && reason === null && program !== null ? await prey.hunted(program) : null;
      results.push({ mutant, seenBy: seen, reason, found });
      if (seen === null && reason === null)
        say(`not seen: ${keyOf(mutant)}${found === null ? '' : ' (a script was found)'}`);
      if (results.length % 20 === 0) say(`${results.length} of ${drawn.length}`);
    }
    return results;
  } finally {
    stage.close();
    await build.dispose();
  }
}

/** By what stands there, so that other lines of the file may move. */
export function keyOf({ file, within, before, after }: Mutant): string {
  return `${file.split('/').at(-1)} ${within}: ${before} => ${after === '' ? '(dropped)' : after}`;
}

/** A reason stands for the function as it was when it was given: a digest of its text stands with it. */
function reasonOf(mutant: Mutant): MutantResult['reason'] {
  const reason = REASONS[keyOf(mutant)];
  return reason?.of === mutant.digest ? reason : null;
}

/** Scripts that nobody has asked a kernel for, and what the model says of them. */
class Prey {
  private readonly stage: Stage;
  private readonly limit: number;
  private readonly chunks: (readonly KeptAnswers[])[] = [];

  constructor(stage: Stage, limit: number) {
    this.stage = stage;
    this.limit = limit;
  }

  /** A script that parts the mutant from the model, or null. */
  async hunted(program: string): Promise<Script | null> {
    for (let n = 0; n * HUNT_CHUNK < this.limit; n++) {
      const found = await this.first(program, (this.chunks[n] ??= chunk(n)));
      if (found !== null) return found;
    }
    return null;
  }

  /** The script at which a mutant parts, or at which it stops; null: none. */
  private async first(program: string, kept: readonly KeptAnswers[]): Promise<Script | null> {
    const outcome = await this.stage.played(program, LIMIT_MS, kept);
    if ('failures' in outcome) return outcome.failures[0]?.script ?? null;
    const [{ answers }] = kept as [KeptAnswers];
    if (answers.length === 1) return scriptOf(answers[0]!);
    const half = answers.length >> 1;
    const part = (from: number, to: number) =>
      kept.map((k) => ({ ...k, answers: k.answers.slice(from, to) }));
    return (
      (await this.first(program, part(0, half))) ??
      (await this.first(program, part(half, answers.length)))
    );
  }
}

function chunk(n: number): KeptAnswers[] {
  return HUNT_ERAS.map((name) => {
    const era = eraOf(name)!;
    const length = HUNT_LENGTHS[n % HUNT_LENGTHS.length]!;
    const scripts = generate({ era, seed: 70_001 + n, count: HUNT_CHUNK, length, ops: null });
    const answers = scripts.map((s) => play(s, era));
    return { id: name, version: 'the model', sha256: '', era: name, answers };
  });
}

/** What sees it, or null. That it throws, and that it does not end, is an answer as well. */
function seenBy(outcome: Outcome): string | null {
  if ('stops' in outcome) return `it stops: ${outcome.stops.split('\n')[0]!.slice(0, 80)}`;
  const [first] = outcome.failures;
  return first === undefined ? null : `${first.kernel}, ${first.difference.op}`;
}

/** As results/lab-mutants.md has it. */
export function mutantsMarkdown(results: readonly MutantResult[], command: string): string {
  const seen = results.filter((r) => r.seenBy !== null).length;
  const rest = results.filter((r) => r.seenBy === null);
  const equivalent = rest.filter((r) => r.reason?.equivalent === true).length;
  const open = results.length - equivalent;
  const out = [
    '# How sharp the kept answers are',
    '',
    `\`${command}\``,
    '',
    `${results.length} one-line mutants of the modelled functions, each held to the kept answers alone: ${seen} seen, ${equivalent} shown equivalent, ${rest.length - equivalent} survive. Of those not shown equivalent ${((100 * seen) / open).toFixed(1)} % are seen. Lines that set only what the normal form does not hold (truesize, GSO counts, headers and positions of a stream, accounts of cost) are left out.`,
    '',
    '| not seen | |',
    '|---|---|',
    ...rest.map(({ mutant, reason }) => {
      const why =
        reason === null
          ? 'not explained'
          : `${reason.equivalent ? 'equivalent' : 'survives'}: ${reason.text}`;
      return `| \`${keyOf(mutant).replaceAll('|', '\\|')}\` | ${why} |`;
    }),
    '',
    '| seen | by |',
    '|---|---|',
    ...results
      .filter((r) => r.seenBy !== null)
      .map(
        (r) =>
          `| \`${keyOf(r.mutant).replaceAll('|', '\\|')}\` | ${r.seenBy!.replaceAll('|', '\\|')} |`,
      ),
  ];
  return `${out.join('\n')}\n`;
}
