import { GetPutPage, type Design } from '@lastref/kernel';

export const design = {
  id: 'canary-never-tells',
  title: 'canary: a design that forgets its producer',
  year: 2026,
  source: 'made wrong on purpose',
  status: 'canary',
  summary: 'Takes and drops page references as mainline does and never completes anything.',
  adds: [],
  hooks: 0,
  claims: [],
  create: (k) => new GetPutPage(k),
} satisfies Design;
