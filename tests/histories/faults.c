/* Loaded before the C library into the storage controller and its export servers: makes reads and
 * writes of volumes' files fail as a broken disk does. The file that HISTORY_FAULTS names holds one
 * 32-bit word, which the test changes while they run:
 *   1  reads of volumes fail     2  writes of volumes fail     4  writes of .before files fail
 *   8  flushes of volumes fail */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static const volatile uint32_t* faults;

__attribute__((constructor)) static void begin(void) {
  const char* path = getenv("HISTORY_FAULTS");
  if (!path) return;
  int fd = open(path, O_RDONLY | O_CLOEXEC);
  if (fd < 0) return;
  void* memory = mmap(NULL, 4, PROT_READ, MAP_SHARED, fd, 0);
  close(fd);
  if (memory != MAP_FAILED) faults = memory;
}

static int is_file(int fd, const char* suffix) {
  char link[64], path[512];
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  ssize_t n = readlink(link, path, sizeof path - 1);
  size_t length = strlen(suffix);
  return n > (ssize_t)length && memcmp(path + n - length, suffix, length) == 0;
}

static int fails(int fd, uint32_t raw, uint32_t before) {
  uint32_t now = faults ? *faults : 0;
  if ((now & raw && is_file(fd, ".raw")) || (now & before && is_file(fd, ".before"))) {
    errno = EIO;
    return 1;
  }
  return 0;
}

#define REAL(name) \
  static __typeof__(name)* real; \
  if (!real) real = (__typeof__(name)*)dlsym(RTLD_NEXT, #name)

ssize_t pread(int fd, void* to, size_t count, off_t at) {
  REAL(pread);
  return fails(fd, 1, 0) ? -1 : real(fd, to, count, at);
}
ssize_t pread64(int fd, void* to, size_t count, off64_t at) {
  REAL(pread64);
  return fails(fd, 1, 0) ? -1 : real(fd, to, count, at);
}
ssize_t pwrite(int fd, const void* from, size_t count, off_t at) {
  REAL(pwrite);
  return fails(fd, 2, 4) ? -1 : real(fd, from, count, at);
}
ssize_t pwrite64(int fd, const void* from, size_t count, off64_t at) {
  REAL(pwrite64);
  return fails(fd, 2, 4) ? -1 : real(fd, from, count, at);
}
int fdatasync(int fd) {
  REAL(fdatasync);
  return fails(fd, 8, 0) ? -1 : real(fd);
}
