export * from './costs.ts';
export * from './document.ts';
export * from './markdown.ts';
export * from './tables.ts';
export * from './verdicts.ts';
export * from './matrix.ts';
