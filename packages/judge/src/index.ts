export * from './findings.ts';
export * from './judge.ts';
