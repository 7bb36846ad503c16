export * from './findings.ts';
export * from './judge.ts';
export * from './oracle.ts';
