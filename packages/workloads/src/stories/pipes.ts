// Stories of pages that go on through a pipe.
import { story, type Story } from './story.ts';

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
];
