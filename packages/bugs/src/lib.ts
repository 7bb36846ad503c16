import type { Design } from '@lastref/kernel';

/** A design that stands for a program of a bug: a card with what the catalog does not say of it already. */
export function program(id: string, title: string, year: number, create: Design['create']): Design {
  return {
    id,
    title,
    year,
    source: 'packages/bugs',
    status: 'practice',
    summary: title,
    adds: [],
    hooks: 0,
    claims: [],
    create,
  };
}
