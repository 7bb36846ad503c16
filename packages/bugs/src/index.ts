export * from './bug.ts';
export * from './catalog/index.ts';
export * from './exercise.ts';
export * from './find.ts';
export * from './ground.ts';
export * from './hunt.ts';
export * from './missing.ts';
export * from './question.ts';
