#include "common/process/process.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <chrono>

namespace angophora::process {
namespace {

using common::Errc;
using namespace std::chrono_literals;

TEST(Process, GivesOutputAndExitCode) {
  const auto outcome = run({.argv = {"sh", "-c", "echo out; echo err >&2; exit 3"}});
  ASSERT_TRUE(outcome) << outcome.error().message;
  EXPECT_EQ(outcome.value().out, "out\n");
  EXPECT_EQ(outcome.value().err, "err\n");
  EXPECT_EQ(outcome.value().exit_code, 3);
  EXPECT_FALSE(outcome.value().truncated);
}

TEST(Process, HandsTheInputOverWhole) {
  const std::string input(3'000'000, 'x');
  const auto outcome = run({.argv = {"wc", "-c"}, .input = input});
  ASSERT_TRUE(outcome);
  EXPECT_EQ(outcome.value().out, "3000000\n");
}

TEST(Process, DoesNotInterpretItsArguments) {
  const auto outcome = run({.argv = {"echo", "$HOME; ls", "*"}});
  ASSERT_TRUE(outcome);
  EXPECT_EQ(outcome.value().out, "$HOME; ls *\n");
}

TEST(Process, CutsOutputThatIsTooLong) {
  const auto outcome =
      run({.argv = {"head", "-c", "1000000", "/dev/zero"}, .output_bytes_max = 1000});
  ASSERT_TRUE(outcome);
  EXPECT_EQ(outcome.value().out.size(), 1000u);
  EXPECT_TRUE(outcome.value().truncated);
  EXPECT_EQ(outcome.value().exit_code, 0);
}

TEST(Process, EndsTheWholeGroupWhenTheLimitPasses) {
  const auto outcome = run({.argv = {"sh", "-c", "sleep 1000 & echo $!; wait"}, .limit = 200ms});
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().code, Errc::timed_out);
}

TEST(Process, DoesNotWaitForAGrandchildThatKeepsThePipeOpen) {
  const auto outcome = run({.argv = {"sh", "-c", "sleep 1000 & echo done"}, .limit = 20s});
  ASSERT_TRUE(outcome);
  EXPECT_EQ(outcome.value().out, "done\n");
}

TEST(Process, NamesAProgramThatIsNotInstalled) {
  const auto outcome = run({.argv = {"no-such-program-here"}});
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().code, Errc::not_found);
  EXPECT_NE(outcome.error().message.find("no-such-program-here"), std::string::npos);
}

TEST(Process, RefusesAnEmptyCommand) {
  const auto outcome = run({});
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().code, Errc::invalid_argument);
}

TEST(Process, ReportsASignalAsAShellWould) {
  const auto outcome = run({.argv = {"sh", "-c", "kill -9 $$"}});
  ASSERT_TRUE(outcome);
  EXPECT_EQ(outcome.value().exit_code, 137);
}

TEST(Process, LeavesNoOtherDescriptorOpenInTheChild) {
  const int ours = open("/dev/null", O_RDONLY);  // deliberately without close-on-exec
  const auto outcome = run({.argv = {"ls", "/proc/self/fd"}});
  close(ours);
  ASSERT_TRUE(outcome);
  EXPECT_EQ(outcome.value().out, "0\n1\n2\n3\n");  // 3 is ls reading the folder
}

TEST(Process, GivesTheChildItsEnvironmentAndNotOurs) {
  setenv("ANGOPHORA_TEST_SECRET", "x", 1);
  const auto outcome = run({.argv = {"env"}, .environment = {"COLOUR=red"}});
  ASSERT_TRUE(outcome);
  EXPECT_EQ(outcome.value().out.find("ANGOPHORA_TEST_SECRET"), std::string::npos);
  EXPECT_NE(outcome.value().out.find("COLOUR=red\n"), std::string::npos);
}

TEST(RunChecked, TurnsAFailureIntoASentence) {
  const auto out = run_checked({.argv = {"sh", "-c", "echo 'no space' >&2; exit 2"}});
  ASSERT_FALSE(out);
  EXPECT_EQ(out.error().code, Errc::io);
  EXPECT_EQ(out.error().message, "sh ended with 2: no space");
}

}  // namespace
}  // namespace angophora::process
