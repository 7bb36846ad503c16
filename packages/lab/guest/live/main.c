// SPDX-License-Identifier: MIT
// `live SCENARIO RUNS HOW WHEN`: one line for each run, "run N told T wire W delivered D".
// told: the producer took its pages for its own, and wrote them anew; wire, delivered: so many of these new bytes were read
// on the way (by a device, a packet socket, a program that netfilter asks …), and by a program at the other end.
// `live mtu-probe RUNS PROBING [SENDS]`, `live leak` and `live late` print what stands in their files.
#include "live.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct scenario *scenario_called(const char *name)
{
	const struct scenario *const all[] = { LOCAL, STREAMS, REQUESTS, RINGS, VSOCK };
	unsigned i;

	for (i = 0; i < sizeof(all) / sizeof(*all); i++)
		for (const struct scenario *s = all[i]; s->name; s++)
			if (strcmp(s->name, name) == 0)
				return s;
	return NULL;
}

int main(int argc, char **argv)
{
	const struct scenario *s = argc == 5 ? scenario_called(argv[1]) : NULL;
	int run;

	setvbuf(stdout, NULL, _IOLBF, 0);
	if (s) {
		struct arm arm = arm_of(argv[3], argv[4]);

		s->setup();
		for (run = 1; run <= atoi(argv[2]); run++) {
			struct seen seen = s->run(arm, run);

			printf("run %d told %d wire %ld delivered %ld\n", run, seen.told, seen.wire, seen.delivered);
		}
		return 0;
	}
	if ((argc == 4 || argc == 5) && strcmp(argv[1], "mtu-probe") == 0) {
		mtu_probe(atoi(argv[2]), atoi(argv[3]), argc == 5 ? atoi(argv[4]) : 0);
		return 0;
	}
	if (argc == 2 && (strcmp(argv[1], "leak") == 0 || strcmp(argv[1], "late") == 0)) {
		up("lo");
		if (strcmp(argv[1], "leak") == 0)
			leak();
		else
			late();
		return 0;
	}
	printf("failed live: no scenario '%s'\n", argc > 1 ? argv[1] : "");
	return 1;
}
