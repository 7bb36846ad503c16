// SPDX-License-Identifier: MIT
// The guest's only process: loads the modules of /mod in the order of /mod/order, hands the sequences of /script to
// /dev/lastref_lab one by one, writes what comes back to the port of the host, and turns the machine off.
// A sequence begins with a line "# ..." and ends before the next one. A script that begins with "# live " has command lines
// of /live instead, one a line, whose output goes to that port, each behind its command line. One that begins with
// "# record" is a script for the shell of the tools that record (src/record), with the same output.
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <unistd.h>

#define PORT "/dev/vport0p1"
#define LAB "/dev/lastref_lab"

static char answer[1 << 20];

static void off(const char *why)
{
	if (why)
		perror(why);
	sync();
	reboot(RB_POWER_OFF);
}

static void all(int fd, const char *at, size_t n)
{
	while (n > 0) {
		ssize_t done = write(fd, at, n);

		if (done <= 0)
			off("write");
		at += done;
		n -= done;
	}
}

static char *contents(const char *path, size_t *size)
{
	struct stat st;
	int fd = open(path, O_RDONLY);
	size_t got = 0;
	char *text;

	if (fd < 0 || fstat(fd, &st))
		return NULL;
	text = malloc(st.st_size + 1);
	while (got < (size_t)st.st_size) {
		ssize_t n = read(fd, text + got, st.st_size - got);

		if (n <= 0)
			break;
		got += n;
	}
	text[got] = 0;
	close(fd);
	*size = got;
	return text;
}

static void load_modules(void)
{
	size_t size;
	char *order = contents("/mod/order", &size), *name;
	char path[300];

	for (name = strtok(order, "\n"); name; name = strtok(NULL, "\n")) {
		int fd;

		snprintf(path, sizeof(path), "/mod/%s", name);
		fd = open(path, O_RDONLY);
		if (fd < 0 || syscall(SYS_finit_module, fd, "", 0))
			perror(path);
		close(fd);
	}
}

static int opened(const char *path, int flags)
{
	int tries, fd = -1;

	for (tries = 0; tries < 200 && fd < 0; tries++) {
		fd = open(path, flags);
		if (fd < 0)
			usleep(10000);
	}
	if (fd < 0)
		off(path);
	return fd;
}

/* Runs /live with the words behind "# live " of one line. */
static void live_line(char *line, int port)
{
	char *args[16] = { "live" };
	int n = 1;

	for (char *w = strtok(line + 7, " "); w && n < 15; w = strtok(NULL, " "))
		args[n++] = w;
	if (fork() == 0) {
		dup2(port, 1);
		execv("/live", args);
		_exit(1);
	}
	wait(NULL);
}

static void live(char *lines, int port)
{
	char *line, *rest = lines;

	mount("proc", "/proc", "proc", 0, NULL);
	while ((line = strsep(&rest, "\n")) != NULL) {
		if (strncmp(line, "# live ", 7) != 0)
			continue;
		all(port, line, strlen(line));
		all(port, "\n", 1);
		live_line(line, port);
	}
}

/* Runs /script by busybox, with what a tracer needs. */
static void record(int port)
{
	char *args[] = { "sh", "/script", NULL };
	char *env[] = { "PATH=/bin:/usr/bin:/usr/sbin", "HOME=/", NULL };

	mount("proc", "/proc", "proc", 0, NULL);
	mount("sys", "/sys", "sysfs", 0, NULL);
	mount("debugfs", "/sys/kernel/debug", "debugfs", 0, NULL);
	mount("tracefs", "/sys/kernel/tracing", "tracefs", 0, NULL);
	if (fork() == 0) {
		dup2(port, 1);
		execve("/usr/bin/busybox", args, env);
		_exit(1);
	}
	wait(NULL);
}

/* Copied bytes of a socket go to single pages, as they do where there are not eight in a row. */
static void small_pages(void)
{
	int fd;

	mount("proc", "/proc", "proc", 0, NULL);
	fd = open("/proc/sys/net/core/high_order_alloc_disable", O_WRONLY);
	if (fd >= 0 && write(fd, "1", 1) == 1)
		close(fd);
	umount("/proc");
}

int main(void)
{
	int port, lab, console, n = 0;
	struct utsname u;
	char *text, *at, *end, head[512];
	size_t size;

	mount("dev", "/dev", "devtmpfs", 0, NULL);
	console = open("/dev/console", O_WRONLY);
	if (console >= 0) {
		dup2(console, 1);
		dup2(console, 2);
	}
	small_pages();
	load_modules();
	port = opened(PORT, O_WRONLY);
	text = contents("/script", &size);
	if (!text)
		off("/script");
	uname(&u);
	snprintf(head, sizeof(head), "# linux %s %s\n", u.release, u.version);
	all(port, head, strlen(head));
	if (strncmp(text, "# live ", 7) == 0 || strncmp(text, "# record", 8) == 0) {
		if (text[2] == 'l')
			live(text, port);
		else
			record(port);
		all(port, "# done\n", 7);
		fsync(port);
		close(port);
		off(NULL);
	}
	lab = opened(LAB, O_RDWR);
	for (at = text; *at; at = end) {
		char *next = strstr(at + 1, "\n# ");
		ssize_t r;

		end = next ? next + 1 : text + size;
		all(port, at, strchr(at, '\n') - at + 1);
		if (write(lab, at, end - at) < 0)
			off("script");
		while ((r = read(lab, answer, sizeof(answer))) > 0)
			all(port, answer, r);
		n++;
	}
	all(port, "# done\n", 7);
	fsync(port);
	close(port);
	printf("%d sequences\n", n);
	off(NULL);
	return 0;
}
