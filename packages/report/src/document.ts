// The JSON documents that lastref prints and keeps. Names and shapes are versioned: a change that breaks a
// reader gets a new version.
import type { Property, Verdict } from '@lastref/judge';
import type { z } from 'zod';
import { benchCompareSchema, benchSchema } from './bench.ts';
import { bugsSchema, exerciseSchema } from './bugs.ts';
import { captureSchema } from './capture-document.ts';
import { packetdrillSchema } from './packetdrill-document.ts';
import { recordingSchema } from './recording-document.ts';
import { claimsSchema } from './claims.ts';
import { compareSchema, erasSchema } from './documents/comparison.ts';
import { madeSchema } from './documents/parts.ts';
import { findSchema, listSchema, newSchema, reportSchema } from './documents/house.ts';
import { layoutSchema } from './documents/layout.ts';
import { moversSchema, mutantsSchema } from './documents/operations.ts';
import {
  campaignSchema,
  checkSchema,
  diffSchema,
  exploreSchema,
  replaySchema,
} from './documents/runs.ts';
import { labSchema } from './lab.ts';
import { liveSchema } from './live.ts';
import { portSchema, sitesSchema } from './sites.ts';
import { processorsSchema } from './processors.ts';
import { seedsSchema } from './seeds.ts';
import { storiesSchema } from './stories.ts';

export * from './documents/comparison.ts';
export * from './documents/house.ts';
export * from './documents/layout.ts';
export * from './documents/operations.ts';
export {
  boundSchema,
  costsSchema,
  faultSchema,
  findingSchema,
  madeSchema,
  quantilesSchema,
  type Costs,
  type FindingRow,
  type Made,
} from './documents/parts.ts';
export * from './documents/runs.ts';

const DOCUMENTS = {
  'lastref.capture/1': captureSchema,
  'lastref.compare/2': compareSchema,
  'lastref.campaign/1': campaignSchema,
  'lastref.check/1': checkSchema,
  'lastref.eras/1': erasSchema,
  'lastref.list/2': listSchema,
  'lastref.bench/1': benchSchema,
  'lastref.bench-compare/1': benchCompareSchema,
  'lastref.bugs/1': bugsSchema,
  'lastref.explore/1': exploreSchema,
  'lastref.exercise/1': exerciseSchema,
  'lastref.replay/1': replaySchema,
  'lastref.replay-diff/1': diffSchema,
  'lastref.layout/1': layoutSchema,
  'lastref.movers/2': moversSchema,
  'lastref.mutants/1': mutantsSchema,
  'lastref.new/1': newSchema,
  'lastref.find/1': findSchema,
  'lastref.claims/1': claimsSchema,
  'lastref.lab/1': labSchema,
  'lastref.live/2': liveSchema,
  'lastref.report/1': reportSchema,
  'lastref.sites/1': sitesSchema,
  'lastref.packetdrill/2': packetdrillSchema,
  'lastref.recording/1': recordingSchema,
  'lastref.port/1': portSchema,
  'lastref.stories/1': storiesSchema,
  'lastref.processors/1': processorsSchema,
  'lastref.seeds/1': seedsSchema,
} as const;

/** Every document by the name in its `schema` field, as a command prints or keeps it: with where it comes from. */
export const SCHEMAS = Object.fromEntries(
  Object.entries(DOCUMENTS).map(([name, schema]) => [
    name,
    (schema as z.ZodObject).extend({ made: madeSchema.optional() }),
  ]),
) as unknown as { readonly [Name in keyof typeof DOCUMENTS]: (typeof DOCUMENTS)[Name] };

export type { Property, Verdict };
