// Stories of pages that go on through a pipe.
import type { Kernel } from '@lastref/kernel';
import { GBIT, stream, streamOptions, world } from '../catalog/parts.ts';
import { FileTruncator } from '../producers/file.ts';
import type { Scenario } from '../scenario.ts';
import type { Stage } from './stage.ts';
import { story, type Story } from './story.ts';

/** A file of two pages that is sent once, and somebody who cuts it off behind its first `keep` bytes. */
function fileThatIsCut(keep: number): (k: Kernel) => Scenario {
  return (k) => {
    const net = world(k, { rate: GBIT, delayTicks: 1_000 }, undefined);
    const size = { operations: 1, pagesPerOperation: 2, sets: 1, pipe: true, rewrites: false };
    const sender = stream(k, net, streamOptions({ name: 'sendfile', ...size }, undefined));
    new FileTruncator(k, sender, { name: 'somebody', keep, everyTicks: 10, times: 1 });
    return { participants: [sender], chances: new Map() };
  };
}

/** Who has to do with the file. */
function castOf(stage: Stage) {
  return {
    file: {
      isSent: (): void => stage.deed('the file is sent', () => stage.take('sendfile submit')),
      isCut: (): void =>
        stage.deed('somebody truncates the file and writes it anew', () =>
          stage.take('somebody truncate'),
        ),
    },
  };
}

export const PIPES: readonly Story[] = [
  story(
    'a proxy splices what it receives over loopback to a second socket, and the second device is late',
    {
      id: 'proxy-pipe',
      why: 'The first connection is done when the proxy has taken the pages out of its receive queue. From there on a pipe slot and the second write queue have bare page references: whoever counts anything else is told while the bytes have not left the host.',
      proxy: true,
    },
    ({ writer, nic }) => {
      nic.stalls();
      writer.lends();
      nic.resumes();
    },
  ),
  story(
    'a file is truncated and written anew while its pages are in the ring',
    {
      id: 'truncated-whole-pages',
      why: 'The pages leave the page cache, and whoever still has a reference keeps what was sent: the file goes on with others. To be told too early does no harm here, and it is the references that see to it.',
      set: fileThatIsCut(0),
    },
    ({ stage, nic }) => {
      const { file } = castOf(stage);
      nic.stalls();
      file.isSent();
      file.isCut();
      nic.resumes();
    },
  ),
  story(
    'a file is cut in the middle of a page that is in the ring',
    {
      id: 'truncated-mid-page',
      why: 'What is left of that page is zeroed where it is. References do not help: the bytes change under whoever has not copied them, and under any design but one that makes the truncation wait.',
      set: fileThatIsCut(1024),
    },
    ({ stage, nic }) => {
      const { file } = castOf(stage);
      nic.stalls();
      file.isSent();
      file.isCut();
      nic.resumes();
    },
  ),
];
