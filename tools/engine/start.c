/*
 * What runs before the engine does. It looks at what the process has (surroundings.h),
 * and tries what it may be forbidden and the engine cannot do without:
 *
 * - To turn data into code. Where that is denied (MemoryDenyWriteExecute= of systemd,
 *   SELinux), the engine would abort, so it is told to do without compilers, as
 *   `--jitless` tells it.
 * - System calls, where there is a filter for them (SystemCallFilter=). One that is
 *   killed for making them says nothing, so this says it.
 *
 * The build puts this code into the engine (engine.ts), which needs no C compiler:
 * `./denow task start` has it compiled, and writes start.ts.
 */

#include "system.h"

enum { PROT_NONE = 0, PROT_READ = 1, PROT_WRITE = 2, PROT_EXEC = 4 };
enum { MAP_SHARED = 1, MAP_PRIVATE = 2, MAP_ANONYMOUS = 32 };
enum { MADV_DONTNEED = 4, AF_UNIX = 1, SOCK_STREAM = 1, EPOLL_CTL_ADD = 1, FUTEX_WAKE = 1 };
enum { EINVAL = 22, ENOSYS = 38 };
enum { PR_GET_SECCOMP = 21, SECCOMP_MODE_FILTER = 2 };
enum { SIGSYS = 31, WALL = 0x40000000 };
enum { STDERR = 2, NOT_STARTED = 126 };

/*
 * First comes a jump to the function of links.h, in place of the engine's own function. At
 * `places` is where the engine starts and where its flag `--jitless` is, both in bytes from
 * `places`; the build knows. The code that runs first follows. The dynamic linker hands a
 * function to the engine in a register, which must be left as it is.
 */
#if defined __x86_64__
__asm__(".globl _start\n"
        "  jmp read_links\n"
        ".balign 8\n"
        "places: .quad 0, 0\n"
        "_start: mov %rsp, %rdi\n"
        "  push %rdx\n"
        "  push %rdx\n"
        "  call prepare\n"
        "  pop %rdx\n"
        "  pop %rdx\n"
        "  jmp *%rax\n");
#elif defined __aarch64__
__asm__(".globl _start\n"
        "  b read_links\n"
        ".balign 8\n"
        "places: .quad 0, 0\n"
        "_start: mov x1, sp\n"
        "  stp x0, x30, [sp, #-16]!\n"
        "  mov x0, x1\n"
        "  bl prepare\n"
        "  mov x16, x0\n"
        "  ldp x0, x30, [sp], #16\n"
        "  br x16\n");
#endif

__attribute__((visibility("hidden"))) extern long places[2];

/*
 * What the engine calls and small programs need not, but for what every filter that
 * only names what it allows lets pass (`@default` of systemd).
 */
static const unsigned short NEEDED[] = {
  SYS_clone3, SYS_epoll_create1, SYS_epoll_ctl, SYS_epoll_wait, SYS_eventfd2,
  SYS_fcntl, SYS_getcwd, SYS_ioctl, SYS_lseek, SYS_madvise, SYS_mremap, SYS_poll,
  SYS_readlink, SYS_readlinkat, SYS_chdir, SYS_prlimit64,
  SYS_sched_getaffinity, SYS_rt_sigaction, SYS_rt_sigprocmask, SYS_sched_getparam,
  SYS_sched_getscheduler, SYS_sigaltstack, SYS_socketpair, SYS_statx, SYS_sysinfo
};

static const char BEFORE[] = "netstat: Cannot start: system call ";
static const char BEHIND[] =
  " is forbidden here (of systemd's filters, @system-service allows all that are needed)\n";

/* Whether this process may turn data into code: what the engine does with a page. */
static inline int may_compile(void) {
  long page = call(SYS_mmap, 0, 1, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  long denied = call(SYS_mprotect, page, 1, PROT_READ | PROT_WRITE | PROT_EXEC, 0, 0, 0);
  call(SYS_munmap, page, 1, 0, 0, 0, 0);
  return denied == 0;
}

/*
 * The number of a needed system call that this process would be killed for; 0 if there
 * is none. A child makes them all, with arguments that none does anything with.
 */
static inline int forbidden(void) {
  if (call(SYS_prctl, PR_GET_SECCOMP, 0, 0, 0, 0, 0) != SECCOMP_MODE_FILTER) return 0;
  /* no memory but this is shared: a kernel before 5.16 kills all that share all of it */
  volatile long *tried = (volatile long *)call(
    SYS_mmap, 0, 1, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if ((unsigned long)tried > -4096UL) return 0;
  long child = call(SYS_clone, 0, 0, 0, 0, 0, 0);
  if (child == 0) {
    for (unsigned long i = 0; i < sizeof NEEDED / sizeof *NEEDED; i++) {
      *tried = NEEDED[i];
      call(NEEDED[i], -1, -1, -1, -1, -1, -1);
    }
    for (;;) call(SYS_exit, 0, 0, 0, 0, 0, 0);
  }
  int status = 0;
  if (child > 0) call(SYS_wait4, child, (long)&status, WALL, 0, 0, 0);
  long number = *tried;
  call(SYS_munmap, (long)tried, 1, 0, 0, 0, 0);
  return (status & 0x7f) == SIGSYS ? number : 0;
}

/*
 * The number of a system call that a filter makes fail and without which the engine
 * ends with a trace of itself; 0 if there is none. Each is made as the engine makes it.
 * What fails as it would without a filter, or is not there, the engine does without.
 */
static inline int denied(void) {
  if (call(SYS_prctl, PR_GET_SECCOMP, 0, 0, 0, 0, 0) != SECCOMP_MODE_FILTER) return 0;
  int number = 0, pair[2];
  struct { unsigned int events, data[2]; } event = { 0, { 0, 0 } };
  long page = call(SYS_mmap, 0, 1, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (call(SYS_madvise, page, 1, MADV_DONTNEED, 0, 0, 0) < 0) number = SYS_madvise;
  call(SYS_munmap, page, 1, 0, 0, 0, 0);
  if (call(SYS_poll, 0, 0, 0, 0, 0, 0) < 0) number = SYS_poll;
  if (call(SYS_getpid, 0, 0, 0, 0, 0, 0) < 0) number = SYS_getpid;
  if (call(SYS_gettid, 0, 0, 0, 0, 0, 0) < 0) number = SYS_gettid;
  if (call(SYS_futex, (long)&number, FUTEX_WAKE, 0, 0, 0, 0) < 0) number = SYS_futex;
  unsigned long mask[16];
  if (call(SYS_sched_getaffinity, 0, sizeof mask, (long)mask, 0, 0, 0) < 0) {
    number = SYS_sched_getaffinity;
  }
  /* without arguments nothing is started */
  long error = call(SYS_clone3, 0, 0, 0, 0, 0, 0);
  if (error != -EINVAL && error != -ENOSYS) number = SYS_clone3;
  if (call(SYS_socketpair, AF_UNIX, SOCK_STREAM, 0, (long)pair, 0, 0) < 0) {
    number = SYS_socketpair;
  } else {
    call(SYS_close, pair[0], 0, 0, 0, 0, 0);
    call(SYS_close, pair[1], 0, 0, 0, 0, 0);
  }
  long wakes = call(SYS_eventfd2, 0, 0, 0, 0, 0, 0);
  if (wakes < 0) number = SYS_eventfd2;
  long watch = call(SYS_epoll_create1, 0, 0, 0, 0, 0, 0);
  if (watch < 0) number = SYS_epoll_create1;
  if (wakes >= 0 && watch >= 0 &&
      call(SYS_epoll_ctl, watch, EPOLL_CTL_ADD, wakes, (long)&event, 0, 0) < 0) number = SYS_epoll_ctl;
  if (watch >= 0 && call(SYS_epoll_wait, watch, (long)&event, 1, 0, 0, 0) < 0) number = SYS_epoll_wait;
  if (wakes >= 0) call(SYS_close, wakes, 0, 0, 0, 0, 0);
  if (watch >= 0) call(SYS_close, watch, 0, 0, 0, 0, 0);
  return number;
}

static inline void tell(const char *text, long length) {
  call(SYS_write, STDERR, (long)text, length, 0, 0, 0);
}

#include "surroundings.h"
#include "links.h"

static inline __attribute__((noreturn)) void refuse(int number) {
  char digits[4];
  int at = sizeof digits;
  for (; number > 0; number /= 10) digits[--at] = '0' + number % 10;
  tell(BEFORE, sizeof BEFORE - 1);
  tell(digits + at, sizeof digits - at);
  tell(BEHIND, sizeof BEHIND - 1);
  for (;;) call(SYS_exit_group, NOT_STARTED, 0, 0, 0, 0, 0);
}

/* Returns where the engine starts; `stack` is as the kernel made it. */
__attribute__((visibility("hidden"), used)) char *prepare(const long *stack) {
  char *here = (char *)places;
  int number = forbidden();
  if (number != 0) refuse(number);
  check_surroundings(stack);
  /* only now: too few descriptors are no filter's work */
  number = denied();
  if (number != 0) refuse(number);
  if (!may_compile()) here[places[1]] = 1;
  return here + places[0];
}
