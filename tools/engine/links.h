/*
 * Reads the links of descriptors, of which one process can have a hundred thousand, on one
 * thread or on two at the same time. The memory is that of core/system/aside.ts.
 */

enum { BLOCK = 64, ENOENT = 2, EACCES = 13 };

/* What is behind a descriptor that is no socket, is not there, or is read with care. */
enum { OTHER = -1, GONE = -2, CARE = 0 };

/* Descriptors of a process with numbers one after the other, and the inodes behind them. */
struct block {
  int folder, from, numbers, is_read;
  double inodes[BLOCK];
};

/* Blocks, and the one that is taken next. */
struct blocks {
  int next, count, unused[2];
  struct block all[];
};

/* The inode in a link: net-tools reads 29 bytes of one. */
static inline double inode_of(int folder, unsigned descriptor) {
  char name[12], link[29] = "";
  int at = sizeof name - 1;
  name[at] = 0;
  do name[--at] = '0' + descriptor % 10; while ((descriptor /= 10) > 0);
  long length = call(SYS_readlinkat, folder, (long)(name + at), (long)link, sizeof link, 0, 0);
  if (length < 0) return length == -ENOENT || length == -EACCES ? GONE : CARE;
  static const char OPEN[] = "socket:[";
  int digits = sizeof OPEN - 1;
  for (at = 0; at < digits; at++) {
    /* of old kernels, "[0000]:" */
    if (at >= length || link[at] != OPEN[at]) return link[0] == '[' ? CARE : OTHER;
  }
  unsigned long inode = 0;
  for (; at < length && (unsigned char)(link[at] - '0') < 10; at++) {
    inode = 10 * inode + link[at] - '0';
  }
  int count = at - digits;
  return at + 1 == length && link[at] == ']' && link[digits] != '0' && count > 1 && count < 16
    ? inode
    : CARE;
}

static void read_block(struct block *block) {
  for (int i = 0; i < block->numbers; i++) {
    block->inodes[i] = inode_of(block->folder, block->from + i);
  }
  __atomic_store_n(&block->is_read, 1, __ATOMIC_RELEASE);
}

/* Reads one of the blocks, or with -1 those that nobody has taken. */
__attribute__((visibility("hidden"), used)) void read_links(struct blocks *blocks, int one) {
  if (one >= 0) return read_block(&blocks->all[one]);
  for (;;) {
    int next = __atomic_fetch_add(&blocks->next, 1, __ATOMIC_RELAXED);
    if (next >= blocks->count) return;
    read_block(&blocks->all[next]);
  }
}
