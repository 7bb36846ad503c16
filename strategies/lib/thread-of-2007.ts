/** The kernel of those who wrote under Evgeniy Polyakov's blog entry. */
export const THREAD_OF_2007 = {
  id: '2.6.24',
  source: 'the thread is of 18 to 19 Dec 2007: 2.6.24 was at rc5, and came in January 2008',
} as const;
