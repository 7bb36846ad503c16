// What the page shows, as data: everything that needs a decision is decided here, so that the script in the
// page only draws. Types alone are imported there.
import type { Claim } from '../claims.ts';
import type { SizeRow } from '../sizes.ts';
import type { Away } from '../tables.ts';
import type { PackedStories } from './pack.ts';

export interface Spread {
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
  readonly samples: number;
  /** Pairs of a bucket's lower bound in ticks and its count. */
  readonly histogram: readonly (readonly [number, number])[];
}

export interface Figures {
  readonly segments: number;
  readonly refAtomics: number;
  readonly designAtomics: number;
  /** Both. */
  readonly atomics: number;
  /** Those on a count that the other processor touched last. */
  readonly away: number;
  readonly allocations: number;
  /** Bytes of heads by their kmalloc class. */
  readonly headBytes: number;
  readonly copied: number;
  readonly cacheLines: number;
  readonly ns: number;
  readonly nsHigh: number;
  /** Nanoseconds at the low end by counter, in the order of the coefficients. */
  readonly parts: readonly number[];
}

export interface RowData {
  readonly design: string;
  readonly workload: string;
  /** One word: holds, delivered, wire, early, … or -. */
  readonly word: string;
  /** Letters of what stands beside it. */
  readonly beside: string;
  /** The kernel that it ran in. */
  readonly era: string;
  /** Is this what the design was made for? */
  readonly domain: boolean;
  /** Properties that were refuted, with their worst harm. */
  readonly refuted: string;
  readonly loans: number;
  readonly completions: number;
  /** Completions with a reader left. */
  readonly early: number;
  readonly hold: Spread;
  readonly lent: Spread;
  /** Per data segment; null: no such traffic. */
  readonly figures: Figures | null;
  /** Story to open; -1: none. */
  readonly story: number;
}

/** The model beside running kernels. */
export interface LabData {
  readonly command: string;
  readonly date: string;
  readonly kernels: readonly {
    readonly version: string;
    readonly era: string;
    readonly sequences: number;
    readonly agree: number;
    readonly steps: number;
    readonly skipped: number;
  }[];
  /** Operations of the matrix that no script plays. */
  readonly notCompared: number;
}

export interface FindingData {
  readonly design: string;
  readonly workload: string;
  readonly property: string;
  readonly harm: string;
  readonly damage: string;
  readonly who: string;
  readonly where: string;
  readonly count: number;
  readonly step: number;
  readonly tick: number;
  readonly text: string;
  readonly token: string;
  readonly story: number;
}

export interface MatrixCellData {
  readonly word: string;
  readonly outside: boolean;
  readonly runs: number;
  readonly story: number;
}

export interface MatrixData {
  readonly designs: readonly string[];
  readonly rows: readonly {
    readonly mover: string;
    readonly file: string;
    readonly since: string;
    readonly cells: readonly MatrixCellData[];
  }[];
  readonly stretchedBy: readonly string[];
  readonly runs: number;
  readonly faults: boolean;
  /** The newest first. */
  readonly eras: readonly string[];
  /** Where kernels differ, a line each. */
  readonly differences: readonly string[];
}

export interface DesignCosts {
  /** In brackets where its kernel has not got what the design was made for. */
  readonly design: string;
  readonly lent: Figures | null;
  readonly ordinary: Figures | null;
  /** Their nanoseconds, from end to end. */
  readonly lentNs: string;
  readonly ordinaryNs: string;
  /** Its own kernel, and there its cost as a multiple of the baselines'. */
  readonly era: string;
  readonly timesNaive: string;
  readonly timesCopy: string;
}

export interface StructPicture {
  readonly struct: string;
  readonly era: string;
  /** null: as the kernel has it. */
  readonly design: string | null;
  readonly bytes: number;
  readonly growth: number;
  readonly lines: number;
  readonly footprint: number;
  /** In order of offset; several bit-fields in one byte stand together. */
  readonly fields: readonly {
    readonly name: string;
    readonly type: string;
    readonly offset: number;
    readonly bytes: number;
    /** The design's own, or larger with it. */
    readonly added: boolean;
  }[];
}

export interface BufferData {
  readonly era: string;
  readonly bytes: number;
  readonly sizeClass: number;
  readonly shinfo: number;
  readonly data: number;
  readonly designs: readonly string[];
}

/** A word that stands in a cell. */
export interface WordData {
  readonly word: string;
  readonly tone: string;
  readonly legend: string;
}

export interface ReportData {
  readonly title: string;
  /** The kernel of the rows, in words. */
  readonly era: string;
  readonly seeds: string;
  readonly capture: string | null;
  /** The commands that made it, and the digest of the comparison. */
  readonly commands: readonly string[];
  readonly digest: string;
  /** What this is, for who was sent it; tool, version, commit, and where to get it. */
  readonly about: string;
  readonly madeBy: string;
  /** Some story's steps end in another state than its token says: another version made the comparison. */
  readonly stale: boolean;
  readonly designs: readonly {
    readonly id: string;
    readonly title: string;
    readonly year: number;
    /** The kernel that it runs in. */
    readonly era: string;
  }[];
  readonly workloads: readonly {
    readonly id: string;
    readonly title: string;
    readonly story: string;
  }[];
  /** Every word that some table sorts by, the gravest first. */
  readonly words: readonly WordData[];
  /** Those that the comparison's table explains. */
  readonly key: readonly WordData[];
  /** Letters that may stand beside one. */
  readonly beside: readonly WordData[];
  readonly rows: readonly RowData[];
  readonly findings: readonly FindingData[];
  readonly matrix: MatrixData | null;
  /** What costs were counted on, and in which kernel. */
  readonly costHead: string;
  readonly costs: readonly DesignCosts[];
  /** What a message costs by its size; null: nobody asked. */
  readonly bySize: {
    readonly head: string;
    readonly words: string;
    readonly sizes: readonly string[];
    readonly rows: readonly SizeRow[];
  } | null;
  readonly away: readonly Away[];
  readonly coefficients: readonly {
    readonly label: string;
    readonly ns: number;
    readonly nsHigh: number;
    readonly source: string;
  }[];
  readonly structs: readonly StructPicture[];
  readonly buffers: readonly BufferData[];
  readonly lab: LabData | null;
  readonly claims: readonly (Claim & { readonly story: number })[];
  readonly stories: PackedStories;
  /** The story shown on the page itself; -1: none. */
  readonly featured: number;
}
