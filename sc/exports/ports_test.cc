#include "sc/exports/ports.h"

#include <gtest/gtest.h>

namespace angophora::sc {
namespace {

using common::Errc;

TEST(Ports, AreTheSystemsChoiceWithoutARange) {
  const auto port = find_port("127.0.0.1", {}, {});
  ASSERT_TRUE(port) << port.error().message;
  EXPECT_NE(port.value(), 0);
}

TEST(Ports, ComeFromTheRangeAndAreNotGivenTwice) {
  // A port that was free a moment ago; the range is it and the next.
  const auto first = find_port("127.0.0.1", {}, {}).value();
  if (first == 65535) GTEST_SKIP();
  const PortRange range{first, static_cast<std::uint16_t>(first + 1)};
  std::set<std::uint16_t> kept;
  for (auto port = find_port("127.0.0.1", range, kept); port;
       port = find_port("127.0.0.1", range, kept)) {
    EXPECT_TRUE(port.value() >= range.first && port.value() <= range.last);
    EXPECT_TRUE(kept.insert(port.value()).second);
  }
  const auto more = find_port("127.0.0.1", range, kept);
  EXPECT_EQ(more.error().code, Errc::unavailable);
}

TEST(Ports, NeedAnAddressOfThisMachine) {
  EXPECT_EQ(find_port("localhost", {}, {}).error().code, Errc::invalid_argument);
  EXPECT_EQ(find_port("192.0.2.1", {}, {}).error().code, Errc::io);
}

}  // namespace
}  // namespace angophora::sc
