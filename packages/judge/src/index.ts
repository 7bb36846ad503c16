export * from './evidence.ts';
export * from './findings.ts';
export * from './judge.ts';
export * from './oracle.ts';
export * from './account/record.ts';
export type { Card } from './properties/card.ts';
export * from './properties/index.ts';
export { Observer, Watch, type Sink } from './properties/watch.ts';
export { ReaderList } from './truth/list.ts';
