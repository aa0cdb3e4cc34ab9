#include "common/log/log.h"

#include <gtest/gtest.h>

namespace angophora::log {
namespace {

TEST(LogLine, IsOneLineWhateverAValueHolds) {
  const auto line = format_line(
      Level::warn, "clc", "request.refused",
      {{"request_id", "5f1c"}, {"took_ms", 12}, {"reason", "a \"b\"\nc\x01"}, {"x", ""}});
  EXPECT_EQ(line,
            "level=warn daemon=clc event=request.refused request_id=5f1c took_ms=12 "
            "reason=\"a \\\"b\\\"\\nc\\x01\" x=\"\"");
}

TEST(LogLine, CutsHugeValues) {
  EXPECT_LT(format_line(Level::info, "d", "e", {{"k", std::string(1 << 20, 'x')}}).size(), 5000u);
}

TEST(LogLevel, IsKnownByName) {
  Level level = Level::info;
  EXPECT_TRUE(parse_level("debug", level));
  EXPECT_EQ(level, Level::debug);
  EXPECT_FALSE(parse_level("loud", level));
}

}  // namespace
}  // namespace angophora::log
