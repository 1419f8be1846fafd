/*
 * Runs a program and lets one of its system calls fail, whoever makes it: the kernel
 * asks here before each (seccomp_unotify(2)).
 *
 *     fail_call LOG FROM N ERRNO PROGRAM [WORD]...
 *
 * The calls below are counted from 1 on, over all threads, once a path that starts
 * with FROM was used: what a runtime needs to start is over then. Call N fails with
 * the number ERRNO; with N = 0 none does. LOG has a line for each call that was counted: its
 * name, and the path that it is about. The exit status is the program's, or as a shell
 * tells the signal that ended it.
 */

#define _GNU_SOURCE
#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

/* Where a call says what it is about: an argument that is a descriptor, one that is a path. */
struct call {
  int number;
  const char *name;
  int descriptor;
  int path;
};

#define NONE -1

static const struct call calls[] = {
  { SYS_openat, "openat", NONE, 1 },
#ifdef SYS_open
  { SYS_open, "open", NONE, 0 },
#endif
  { SYS_statx, "statx", 0, 1 },
  { SYS_newfstatat, "newfstatat", 0, 1 },
  { SYS_readlinkat, "readlinkat", 0, 1 },
#ifdef SYS_readlink
  { SYS_readlink, "readlink", NONE, 0 },
#endif
  { SYS_getdents64, "getdents64", 0, NONE },
  { SYS_read, "read", 0, NONE },
  { SYS_pread64, "pread64", 0, NONE },
  { SYS_ioctl, "ioctl", 0, NONE },
  { SYS_socket, "socket", NONE, NONE },
  { SYS_sendto, "sendto", 0, NONE },
  { SYS_sendmsg, "sendmsg", 0, NONE },
  { SYS_recvfrom, "recvfrom", 0, NONE },
  { SYS_recvmsg, "recvmsg", 0, NONE },
  { SYS_setns, "setns", 0, NONE },
};
#define CALLS (sizeof calls / sizeof *calls)

static void die(const char *what) {
  perror(what);
  exit(125);
}

/* Lets the kernel ask before each of the calls. Returns whom it asks. */
static int install(void) {
  struct sock_filter program[CALLS + 3];
  program[0] = (struct sock_filter)BPF_STMT(
    BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr));
  for (size_t i = 0; i < CALLS; i++) {
    program[1 + i] = (struct sock_filter)BPF_JUMP(
      BPF_JMP | BPF_JEQ | BPF_K, calls[i].number, CALLS - i, 0);
  }
  program[1 + CALLS] = (struct sock_filter)BPF_STMT(
    BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
  program[2 + CALLS] = (struct sock_filter)BPF_STMT(
    BPF_RET | BPF_K, SECCOMP_RET_USER_NOTIF);
  struct sock_fprog filter = { CALLS + 3, program };
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) die("prctl");
  return syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER,
    SECCOMP_FILTER_FLAG_NEW_LISTENER, &filter);
}

static const struct call *called(int number) {
  for (size_t i = 0; i < CALLS; i++) {
    if (calls[i].number == number) return &calls[i];
  }
  return NULL;
}

/* What the call is about: a path as it was given, else what the descriptor stands for. */
static void subject(char *text, size_t size, const struct call *call,
    const struct seccomp_notif *asked) {
  text[0] = '\0';
  if (call->path != NONE) {
    /* a path may end right before memory that cannot be read */
    unsigned long at = asked->data.args[call->path];
    size_t most = 4096 - at % 4096;
    for (int page = 0; page < 2 && text[0] == '\0'; page++, most = size - 1) {
      struct iovec to = { text, most < size - 1 ? most : size - 1 };
      struct iovec from = { (void *)at, to.iov_len };
      long got = process_vm_readv(asked->pid, &to, 1, &from, 1, 0);
      text[got > 0 ? got : 0] = '\0';
      if (got > 0 && memchr(text, '\0', got) == NULL && page == 0) text[0] = '\0';
    }
    if (text[0] == '/') return;
  }
  if (call->descriptor == NONE) return;
  char name[64], folder[4096];
  snprintf(name, sizeof name, "/proc/%d/fd/%d", (int)asked->pid,
    (int)asked->data.args[call->descriptor]);
  ssize_t length = readlink(name, folder, sizeof folder - 1);
  folder[length < 0 ? 0 : length] = '\0';
  char below[4096];
  snprintf(below, sizeof below, "%s", text);
  snprintf(text, size, "%.2000s%s%.2000s", folder, below[0] ? "/" : "", below);
}

int main(int count, char **words) {
  if (count < 6) {
    fputs("usage: fail_call LOG FROM N ERRNO PROGRAM [WORD]...\n", stderr);
    return 125;
  }
  FILE *log = fopen(words[1], "we");
  if (log == NULL) die(words[1]);
  const char *from = words[2];
  long chosen = atol(words[3]);
  int number = atoi(words[4]);

  /* the child shares the descriptors until it executes the program */
  int *listener = malloc(sizeof *listener);
  int ready[2];
  if (pipe(ready) != 0) die("pipe");
  pid_t child = syscall(SYS_clone, CLONE_FILES | SIGCHLD, NULL, NULL, NULL, NULL);
  if (child < 0) die("clone");
  if (child == 0) {
    prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
    int made = install();
    /* nothing that is asked for may come before the other side listens: write is not */
    if (write(ready[1], &made, sizeof made) != sizeof made) _exit(125);
    /* the descriptors must not be the program's: exec makes copies, without these */
    close_range(3, ~0U, CLOSE_RANGE_UNSHARE | CLOSE_RANGE_CLOEXEC);
    execv(words[5], words + 5);
    _exit(127);
  }
  if (read(ready[0], listener, sizeof *listener) != sizeof *listener ||
      *listener < 0) {
    fputs("fail_call: seccomp has no listeners here\n", stderr);
    return 125;
  }

  int counting = 0;
  long counted = 0;
  for (;;) {
    struct pollfd listening = { *listener, POLLIN, 0 };
    if (poll(&listening, 1, -1) < 0 && errno == EINTR) continue;
    if ((listening.revents & POLLIN) == 0) break; /* nobody is left to ask */
    struct seccomp_notif asked = { 0 };
    if (ioctl(*listener, SECCOMP_IOCTL_NOTIF_RECV, &asked) != 0) continue;
    struct seccomp_notif_resp answer = {
      .id = asked.id,
      .flags = SECCOMP_USER_NOTIF_FLAG_CONTINUE,
    };
    const struct call *call = called(asked.data.nr);
    char text[4096 + 64];
    subject(text, sizeof text, call, &asked);
    if (strncmp(text, from, strlen(from)) == 0) counting = 1;
    /* what threads of a runtime say to each other is no call for anything */
    int own = call->number == SYS_read && text[0] != '/' &&
      strncmp(text, "socket:", 7) != 0;
    if (counting && !own) {
      fprintf(log, "%s %s", call->name, text);
      if (call->number == SYS_ioctl) fprintf(log, " %#x", (unsigned)asked.data.args[1]);
      fputc('\n', log);
      if (++counted == chosen) {
        answer.flags = 0;
        answer.error = -number;
      }
    }
    ioctl(*listener, SECCOMP_IOCTL_NOTIF_SEND, &answer);
  }
  fclose(log);
  int status;
  if (waitpid(child, &status, 0) < 0) die("waitpid");
  return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}
