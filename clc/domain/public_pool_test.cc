#include "clc/domain/public_pool.h"

#include <gtest/gtest.h>

#include "clc/domain/errors.h"

namespace angophora::clc {
namespace {

PublicPool pool_of(std::string_view text) {
  auto pool = PublicPool::parse(text);
  EXPECT_TRUE(pool) << pool.error().message;
  return pool ? std::move(pool).value() : PublicPool();
}
std::uint32_t address(std::string_view text) { return parse_address(text).value_or(0); }

TEST(PublicPool, TakesAddressesRangesAndNetworks) {
  const auto pool = pool_of("198.51.100.20, 198.51.100.10-198.51.100.12 203.0.113.8/30");
  ASSERT_EQ(pool.size(), 8u);
  EXPECT_EQ(format_address(pool.at(0)), "198.51.100.10");
  EXPECT_EQ(format_address(pool.at(2)), "198.51.100.12");
  EXPECT_EQ(format_address(pool.at(3)), "198.51.100.20");
  EXPECT_EQ(format_address(pool.at(4)), "203.0.113.8") << "all of a network may be used";
  EXPECT_EQ(format_address(pool.at(7)), "203.0.113.11");
  EXPECT_TRUE(pool.contains(address("198.51.100.11")));
  EXPECT_FALSE(pool.contains(address("198.51.100.13")));
  EXPECT_FALSE(pool.contains(address("203.0.113.12")));
}

TEST(PublicPool, CountsOnceWhatIsNamedTwice) {
  const auto pool = pool_of("192.0.2.1-192.0.2.9 192.0.2.5 192.0.2.8-192.0.2.12 192.0.2.0/30");
  EXPECT_EQ(pool.size(), 13u);
  EXPECT_EQ(format_address(pool.at(12)), "192.0.2.12");
}

TEST(PublicPool, MayBeEmpty) {
  EXPECT_EQ(pool_of("").size(), 0u);
  EXPECT_EQ(pool_of(" , ").size(), 0u);
  EXPECT_FALSE(pool_of("").contains(address("192.0.2.1")));
}

TEST(PublicPool, NamesTheWordThatIsWrong) {
  for (const auto* bad :
       {"192.0.2.256", "192.0.2", "host.example", "192.0.2.9-192.0.2.1", "192.0.2.1-",
        "192.0.2.1/24", "192.0.2.0/33", "192.0.2.0/x", "10.0.0.0/8", "0.0.0.0/16", "127.0.0.1",
        "169.254.1.1", "224.0.0.1", "255.255.255.255", "192.0.2.1-224.0.0.1", "::1"}) {
    const auto refused = PublicPool::parse(std::string("192.0.2.77 ") + bad);
    ASSERT_FALSE(refused) << bad;
    EXPECT_EQ(refused.error().code, RequestErrc::invalid_value) << bad;
    EXPECT_NE(refused.error().message.find(bad), std::string::npos) << refused.error().message;
  }
}

TEST(PublicPool, HasALimit) {
  EXPECT_EQ(pool_of("198.18.0.0/16").size(), 65536u);
  EXPECT_FALSE(PublicPool::parse("198.18.0.0/16 192.0.2.1"));
  EXPECT_FALSE(PublicPool::parse("1.0.0.0-99.0.0.0"));
}

TEST(PublicPool, KnowsWhetherItMeetsANetwork) {
  const auto network = parse_instance_network("10.100.0.0/16").value();
  EXPECT_TRUE(pool_of("192.0.2.1 10.100.255.255").overlaps(network));
  EXPECT_TRUE(pool_of("10.99.255.0-10.100.0.0").overlaps(network));
  EXPECT_FALSE(pool_of("10.99.255.0/24 10.101.0.0/24").overlaps(network));
}

}  // namespace
}  // namespace angophora::clc
