/*
 * System calls, without a C library, on the machines that there are packages for:
 * AMD64 and ARMv8. Their numbers are those of asm/unistd.h.
 */

#if defined __x86_64__
enum {
  SYS_write = 1, SYS_close = 3, SYS_poll = 7, SYS_lseek = 8, SYS_mmap = 9, SYS_mprotect = 10,
  SYS_munmap = 11, SYS_rt_sigaction = 13, SYS_rt_sigprocmask = 14, SYS_ioctl = 16,
  SYS_mremap = 25, SYS_madvise = 28, SYS_getpid = 39, SYS_socketpair = 53, SYS_clone = 56,
  SYS_execve = 59, SYS_exit = 60, SYS_wait4 = 61, SYS_fcntl = 72, SYS_getcwd = 79,
  SYS_readlink = 89, SYS_sysinfo = 99, SYS_sigaltstack = 131,
  SYS_sched_getparam = 143, SYS_sched_getscheduler = 145, SYS_prctl = 157,
  SYS_chdir = 80, SYS_gettid = 186, SYS_futex = 202, SYS_sched_getaffinity = 204, SYS_openat = 257, SYS_readlinkat = 267, SYS_prlimit64 = 302,
  SYS_exit_group = 231, SYS_epoll_wait = 232, SYS_epoll_ctl = 233,
  SYS_eventfd2 = 290, SYS_epoll_create1 = 291, SYS_statx = 332, SYS_clone3 = 435
};

static inline long call(long number, long a, long b, long c, long d, long e, long f) {
  register long r10 __asm__("r10") = d;
  register long r8 __asm__("r8") = e;
  register long r9 __asm__("r9") = f;
  long result;
  __asm__ volatile("syscall"
                   : "=a"(result)
                   : "a"(number), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8), "r"(r9)
                   : "rcx", "r11", "memory");
  return result;
}
#elif defined __aarch64__
enum {
  SYS_getcwd = 17, SYS_eventfd2 = 19, SYS_epoll_create1 = 20, SYS_epoll_ctl = 21,
  SYS_epoll_wait = 22 /* epoll_pwait */, SYS_fcntl = 25, SYS_ioctl = 29,
  SYS_lseek = 62, SYS_write = 64, SYS_poll = 73 /* ppoll */,
  SYS_chdir = 49, SYS_futex = 98, SYS_sched_getaffinity = 123, SYS_openat = 56, SYS_close = 57, SYS_prlimit64 = 261,
  SYS_readlinkat = 78, SYS_readlink = SYS_readlinkat, SYS_exit = 93, SYS_exit_group = 94,
  SYS_sched_getscheduler = 120, SYS_sched_getparam = 121, SYS_sigaltstack = 132,
  SYS_rt_sigaction = 134, SYS_rt_sigprocmask = 135, SYS_prctl = 167, SYS_getpid = 172, SYS_gettid = 178,
  SYS_sysinfo = 179, SYS_socketpair = 199, SYS_munmap = 215, SYS_mremap = 216,
  SYS_clone = 220, SYS_execve = 221, SYS_mmap = 222, SYS_mprotect = 226,
  SYS_madvise = 233, SYS_wait4 = 260, SYS_statx = 291, SYS_clone3 = 435
};

static inline long call(long number, long a, long b, long c, long d, long e, long f) {
  register long x8 __asm__("x8") = number;
  register long x0 __asm__("x0") = a;
  register long x1 __asm__("x1") = b;
  register long x2 __asm__("x2") = c;
  register long x3 __asm__("x3") = d;
  register long x4 __asm__("x4") = e;
  register long x5 __asm__("x5") = f;
  __asm__ volatile("svc 0"
                   : "+r"(x0)
                   : "r"(x8), "r"(x1), "r"(x2), "r"(x3), "r"(x4), "r"(x5)
                   : "memory");
  return x0;
}
#endif
