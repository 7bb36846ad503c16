import { ZeroCopyChannel, migrated } from './common.ts';

/** The line that was lost on the way from one version of the series to the next. */
class CountsNothing extends ZeroCopyChannel {
  protected override sent(): void {}
}

export const wrong = migrated('wrong', (k) => new CountsNothing(k));
