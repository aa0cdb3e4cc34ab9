#include "common/process/folder_lock.h"

#include <gtest/gtest.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>

namespace angophora::process {
namespace {

class FolderLock : public testing::Test {
 protected:
  FolderLock() {
    char name[] = "/tmp/folder-lock-XXXXXX";
    folder_ = std::string(::mkdtemp(name)) + "/state";
  }
  ~FolderLock() override {
    std::filesystem::remove_all(std::filesystem::path(folder_).parent_path());
  }
  // What another process finds, which ends at once: 0 when it got the lock.
  int of_another_process() {
    const auto child = ::fork();
    if (child == 0) {
      const auto locked = lock_folder(folder_);
      ::_exit(locked ? 0 : locked.error().code == common::Errc::already_exists ? 1 : 2);
    }
    int status = 0;
    ::waitpid(child, &status, 0);
    return WEXITSTATUS(status);
  }
  std::string folder_;
};

TEST_F(FolderLock, OneProcessAtATimeHasIt) {
  EXPECT_EQ(of_another_process(), 0) << "and makes the folder";
  EXPECT_EQ(of_another_process(), 0) << "the lock ends with its process";
  ASSERT_TRUE(lock_folder(folder_));
  EXPECT_EQ(of_another_process(), 1);
}

TEST_F(FolderLock, IsWaitedForWhileADaemonThatWasKilledStillHasIt) {
  int pipe_ends[2];
  ASSERT_EQ(::pipe(pipe_ends), 0);
  const auto holder = ::fork();
  if (holder == 0) {
    const bool locked = lock_folder(folder_).has_value();
    // Its copy, as between a fork and the program that follows.
    if (::fork() == 0) {
      ::poll(nullptr, 0, 300);
      ::_exit(0);
    }
    (void)!::write(pipe_ends[1], locked ? "y" : "n", 1);
    ::_exit(0);
  }
  char answer = 0;
  ASSERT_EQ(::read(pipe_ends[0], &answer, 1), 1);
  ASSERT_EQ(answer, 'y');
  ::waitpid(holder, nullptr, 0);
  EXPECT_EQ(of_another_process(), 0);
  for (const int end : pipe_ends) ::close(end);
}

TEST_F(FolderLock, SaysWhatIsWrongWithAFolderThatCannotBe) {
  const auto locked = lock_folder("/proc/none");
  ASSERT_FALSE(locked);
  EXPECT_NE(locked.error().message.find("/proc/none"), std::string::npos);
}

}  // namespace
}  // namespace angophora::process
