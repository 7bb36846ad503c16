export * from './candidate.ts';
export * from './files.ts';
