export type { Played } from '@lastref/report/text/replay';
export type { ConnectionStory, Happening } from './connection.ts';
export * from './diff.ts';
export * from './question.ts';
export * from './replay.ts';
export * from './telling.ts';
export * from './versions.ts';
