/*
 * What the engine takes for granted of the process that it starts in. Without it the
 * engine ends with messages that name no cause, or with none. What can be mended is
 * mended; the rest is told in one line.
 */

enum { AT_FDCWD = -100, O_RDONLY = 0, O_RDWR = 2, F_DUPFD = 0, F_GETFD = 1 };
enum { RLIMIT_DATA = 2, RLIMIT_STACK = 3, RLIMIT_NPROC = 6, RLIMIT_NOFILE = 7, RLIMIT_AS = 9 };
enum { PATH_SIZE = 4096 };

/* What is needed: docs/security.md, "What it takes to start". */
enum { STREAMS = 3, DESCRIPTORS = 16, FREE = 12, DESCRIPTORS_WANTED = 1024, PROCESSORS_MOST = 16 };
/* With a higher limit it takes too long to find out how many threads may be started. */
enum { FEW_PROCESSES = 1024 };
static const unsigned long STACK = 256UL << 10, DATA = 640UL << 20, ADDRESS_SPACE = 50UL << 30;

/* Ends the program with a line of text. */
#define REFUSE(why) refuse_since("netstat: Cannot start: " why "\n", sizeof "netstat: Cannot start: " why "\n" - 1)

static inline __attribute__((noreturn)) void refuse_since(const char *text, long length) {
  tell(text, length);
  for (;;) call(SYS_exit_group, NOT_STARTED, 0, 0, 0, 0, 0);
}

static int is_utf8(const unsigned char *text) {
  while (*text != 0) {
    unsigned char lead = *text++;
    if (lead < 0x80) continue;
    int more = lead < 0xc2 || lead > 0xf4 ? 0 : lead < 0xe0 ? 1 : lead < 0xf0 ? 2 : 3;
    if (more == 0) return 0;
    /* no longer forms than needed, no surrogates, and nothing beyond U+10FFFF */
    unsigned char least = lead == 0xe0 ? 0xa0 : lead == 0xf0 ? 0x90 : 0x80;
    unsigned char most = lead == 0xed ? 0x9f : lead == 0xf4 ? 0x8f : 0xbf;
    for (; more > 0; more--, text++) {
      if (*text < least || *text > most) return 0;
      least = 0x80, most = 0xbf;
    }
  }
  return 1;
}

/* Opens in the place of standard streams that are closed what takes and gives nothing. */
static inline void open_streams(void) {
  for (int stream = 0; stream < STREAMS; stream++) {
    if (call(SYS_fcntl, stream, F_GETFD, 0, 0, 0, 0) >= 0) continue;
    long opened = call(SYS_openat, AT_FDCWD, (long)"/dev/null", O_RDWR, 0, 0, 0);
    if (opened < 0) call(SYS_openat, AT_FDCWD, (long)"/", O_RDONLY, 0, 0, 0);
  }
}

/*
 * Whether a limit is lower than what is needed, even if it is raised as far as it may
 * be, towards what is wanted.
 */
static int is_below(int resource, unsigned long needed, unsigned long wanted) {
  struct { unsigned long soft, hard; } limit;
  if (call(SYS_prlimit64, 0, resource, 0, (long)&limit, 0, 0) != 0) return 0;
  if (limit.soft >= wanted) return 0;
  limit.soft = limit.hard < wanted ? limit.hard : wanted;
  call(SYS_prlimit64, 0, resource, (long)&limit, 0, 0, 0);
  return limit.soft < needed;
}

/* Whether so many more descriptors can be had. */
static inline int are_free(int count) {
  int got[FREE], number = 0;
  while (number < count) {
    long descriptor = call(SYS_fcntl, 0, F_DUPFD, 0, 0, 0, 0);
    if (descriptor < 0) break;
    got[number++] = descriptor;
  }
  for (int i = 0; i < number; i++) call(SYS_close, got[i], 0, 0, 0, 0, 0);
  return number == count;
}

/* How many threads the engine starts: by the number of processors. */
static inline int threads(void) {
  unsigned long mask[16];
  long size = call(SYS_sched_getaffinity, 0, sizeof mask, (long)mask, 0, 0, 0);
  int count = 0;
  for (long at = 0; at < size / (long)sizeof *mask; at++) {
    for (unsigned long bits = mask[at]; bits != 0 && count < PROCESSORS_MOST; bits &= bits - 1) count++;
  }
  return count + 1;
}

/*
 * Whether so many processes more may run at the same time, which count as threads do:
 * each starts the next one, and ends when that has ended.
 */
static inline int may_start(int count) {
  long child = 0;
  int started = 0;
  for (; started < count; started++) {
    child = call(SYS_clone, 0, 0, 0, 0, 0, 0);
    if (child != 0) break;
  }
  int status = 0;
  if (child > 0) call(SYS_wait4, child, (long)&status, WALL, 0, 0, 0);
  int all = child >= 0 && status == 0;
  if (started == 0) return all;
  for (;;) call(SYS_exit, !all, 0, 0, 0, 0, 0);
}

/* Mends or refuses; `stack` is as the kernel made it: argc, argv. */
static inline void check_surroundings(const long *stack) {
  open_streams();

  unsigned char path[PATH_SIZE];
  long length = call(SYS_readlinkat, AT_FDCWD, (long)"/proc/self/exe", (long)path, PATH_SIZE - 1, 0, 0);
  if (length < 0) REFUSE("/proc/self/exe cannot be read; is /proc mounted?");
  path[length] = 0;
  if (!is_utf8(path)) REFUSE("the path of the executable is not UTF-8");

  const unsigned char *const *arguments = (const unsigned char *const *)(stack + 1);
  for (long i = 0; i < *stack; i++) {
    if (!is_utf8(arguments[i])) REFUSE("an argument is not UTF-8");
  }

  /* removed, or outside of the root folder: relative paths lead nowhere from there */
  if (call(SYS_getcwd, (long)path, PATH_SIZE, 0, 0, 0, 0) < 0 || path[0] != '/') {
    call(SYS_chdir, (long)"/", 0, 0, 0, 0, 0);
  }

  if (is_below(RLIMIT_NOFILE, DESCRIPTORS, DESCRIPTORS_WANTED) || !are_free(FREE)) {
    REFUSE("it takes 16 descriptors (ulimit -n), 12 of them free");
  }
  if (is_below(RLIMIT_NPROC, FEW_PROCESSES, FEW_PROCESSES) && !may_start(threads())) {
    REFUSE("it takes a thread for each processor, and one (ulimit -u)");
  }
  if (is_below(RLIMIT_STACK, STACK, STACK)) REFUSE("it takes a stack of 256 KiB (ulimit -s)");
  if (is_below(RLIMIT_DATA, DATA, DATA)) REFUSE("it takes 640 MiB for data (ulimit -d), of which little is used");
  if (is_below(RLIMIT_AS, ADDRESS_SPACE, ADDRESS_SPACE)) {
    REFUSE("it takes 50 GiB of address space (ulimit -v), of which little is used");
  }
}
