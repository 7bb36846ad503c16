// What a bug of your own is written with: the card, programs with steps of their own, drivers, and what they share.
export * from './act.ts';
export * from './bug.ts';
export * from './flow.ts';
export * from './frag-counts.ts';
export * from './in-place.ts';
export * from './lib.ts';
export * from './local-sender.ts';
export * from './owner.ts';
export * from './packets.ts';
export * from './page-owner.ts';
export * from './pages-owner.ts';
export * from './recipe.ts';
export * from './shared.ts';
export * from './shinfo-record.ts';
export * from './stream-owner.ts';
export * from './views.ts';
export * from './wire.ts';
