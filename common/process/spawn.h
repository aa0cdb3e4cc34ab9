// Starting a child process the same way everywhere; used by the other headers of this folder.
#pragma once

#include <sys/types.h>

#include <string>
#include <utility>
#include <vector>

#include "common/base/result.h"

namespace angophora::process {

// A descriptor that is closed with its owner.
class Descriptor {
 public:
  Descriptor() = default;
  explicit Descriptor(int fd) : fd_(fd) {}
  Descriptor(Descriptor&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  Descriptor& operator=(Descriptor&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }
  ~Descriptor() { reset(); }
  void reset();
  int get() const { return fd_; }
  explicit operator bool() const { return fd_ >= 0; }

 private:
  int fd_ = -1;
};

// A descriptor that becomes readable when the process ends; empty when it is gone already.
// (glibc 2.36 declares pidfd_open in a header that C++ cannot use.)
Descriptor open_process(pid_t pid);

enum class Group { own_group, own_session };

// Starts `argv` with these standard descriptors and nothing else open.
common::Result<pid_t> spawn(const std::vector<std::string>& argv,
                            const std::vector<std::string>& environment, int in, int out, int err,
                            Group group);

}  // namespace angophora::process
