// The JSON documents that lastref prints and keeps. Names and shapes are versioned: a change that breaks a
// reader gets a new version.
import type { Property, Verdict } from '@lastref/judge';
import { benchCompareSchema, benchSchema } from './bench.ts';
import { bugsSchema, exerciseSchema } from './bugs.ts';
import { captureSchema } from './capture-document.ts';
import { packetdrillSchema } from './packetdrill-document.ts';
import { recordingSchema } from './recording-document.ts';
import { claimsSchema } from './claims.ts';
import { compareSchema, erasSchema } from './documents/comparison.ts';
import { listSchema, newSchema, reportSchema } from './documents/house.ts';
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
  quantilesSchema,
  type Costs,
  type FindingRow,
} from './documents/parts.ts';
export * from './documents/runs.ts';

/** Every document by the name in its `schema` field. */
export const SCHEMAS = {
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
  'lastref.claims/1': claimsSchema,
  'lastref.lab/1': labSchema,
  'lastref.live/1': liveSchema,
  'lastref.report/1': reportSchema,
  'lastref.sites/1': sitesSchema,
  'lastref.packetdrill/2': packetdrillSchema,
  'lastref.recording/1': recordingSchema,
  'lastref.port/1': portSchema,
  'lastref.stories/1': storiesSchema,
  'lastref.processors/1': processorsSchema,
  'lastref.seeds/1': seedsSchema,
} as const;

export type { Property, Verdict };
