/*
 * What runs before the engine does: it tries whether this process may turn data into
 * code. Where it may not (MemoryDenyWriteExecute= of systemd, SELinux), the engine
 * would abort, so it is told to do without compilers, as `--jitless` tells it.
 *
 * The build puts this code into the engine (engine.ts), which needs no C compiler:
 * `./denow task start` has it compiled, and writes start.ts.
 */

#include "system.h"

enum { PROT_NONE = 0, PROT_READ = 1, PROT_WRITE = 2, PROT_EXEC = 4 };
enum { MAP_PRIVATE = 2, MAP_ANONYMOUS = 32 };

/*
 * Where the engine starts and where its flag `--jitless` is, both in bytes from here;
 * the build knows. The code follows. The dynamic linker hands a function to the engine in a
 * register, which must be left as it is.
 */
#if defined __x86_64__
__asm__(".globl _start\n"
        "places: .quad 0, 0\n"
        "_start: push %rdx\n"
        "  push %rdx\n"
        "  call prepare\n"
        "  pop %rdx\n"
        "  pop %rdx\n"
        "  jmp *%rax\n");
#elif defined __aarch64__
__asm__(".globl _start\n"
        "places: .quad 0, 0\n"
        "_start: stp x0, x30, [sp, #-16]!\n"
        "  bl prepare\n"
        "  mov x16, x0\n"
        "  ldp x0, x30, [sp], #16\n"
        "  br x16\n");
#endif

__attribute__((visibility("hidden"))) extern long places[2];

/* Returns where the engine starts. */
__attribute__((visibility("hidden"), used)) char *prepare(void) {
  char *here = (char *)places;
  /* what the engine does at its start, with a page */
  long page = call(SYS_mmap, 0, 1, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (call(SYS_mprotect, page, 1, PROT_READ | PROT_WRITE | PROT_EXEC, 0, 0, 0) != 0) here[places[1]] = 1;
  call(SYS_munmap, page, 1, 0, 0, 0, 0);
  return here + places[0];
}
