#include "common/admin/process_metrics.h"

#include <sys/resource.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

namespace angophora::admin {
namespace {

double cpu_seconds() {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& t) {
    return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) / 1e6;
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

double resident_bytes() {
  std::ifstream file("/proc/self/statm");
  double total_pages = 0, resident_pages = 0;
  file >> total_pages >> resident_pages;
  return resident_pages * static_cast<double>(::sysconf(_SC_PAGESIZE));
}

double entries(const char* folder) {
  std::error_code error;
  double count = 0;
  for (std::filesystem::directory_iterator at(folder, error), end; !error && at != end;
       at.increment(error))
    ++count;
  return count;
}

}  // namespace

void add_process_metrics(Metrics& metrics) {
  metrics.gauge_of("process_cpu_seconds", "CPU time used, in seconds.", cpu_seconds);
  metrics.gauge_of("process_resident_memory_bytes", "Memory in use, in bytes.", resident_bytes);
  metrics.gauge_of("process_open_fds", "Open file descriptors.",
                   [] { return entries("/proc/self/fd"); });
  metrics.gauge_of("process_threads", "Threads.", [] { return entries("/proc/self/task"); });
}

}  // namespace angophora::admin
