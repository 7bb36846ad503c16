// Judges that leave out what nobody asks of them: looking for readers after every step is most of the work of some runs.
import { Judge } from '@lastref/judge';
import type { Loan, Page } from '@lastref/kernel';

/**
 * Of a run in which programs and guests do nothing: all that is asked there is who has not been told at its end, and
 * whose pages somebody has then. So it takes in what is lent and told, and looks once, when all is over. What it says of
 * *unbounded* is what every judge says; on any other property its judgement means nothing.
 */
export class JudgeOfTheEnd extends Judge {
  override lent(
    loan: Loan,
    page: Page,
    pageOffset: number,
    size: number,
    flow: number,
    seq: number,
  ): void {
    const { loans, ranges, machine } = this.evidence;
    ranges.add(loans.lending(loan, machine), page, pageOffset, size, flow, seq);
  }

  override released(_loan: Loan): void {}
  override read(): void {}
  override copied(): void {}
  override pageFreed(): void {}
  override pageTaken(): void {}
  override pageDisowned(): void {}
  override written(): void {}
  override notified(): void {}
  override ownerLeaves(): void {}

  override afterStep(): void {
    const { evidence } = this;
    evidence.loans.told.length = 0;
    evidence.step++;
  }
}

/** Counts steps and hears nothing: for whoever wants to know where a run leads. Its judgement means nothing. */
export class DeafJudge extends JudgeOfTheEnd {
  override lent(): void {}
  override carried(): void {}
  override completed(): void {}
  override finish(): void {}

  override afterStep(): void {
    this.evidence.step++;
  }
}
