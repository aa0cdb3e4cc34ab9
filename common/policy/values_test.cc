#include "common/policy/values.h"

#include <gtest/gtest.h>

namespace angophora::policy {
namespace {

TEST(Decimals, AreComparedExactly) {
  const auto number = [](std::string_view text) { return Decimal::parse(text).value(); };
  EXPECT_EQ(number("5"), number("005.00"));
  EXPECT_EQ(number("-0"), number("0.0"));
  EXPECT_LT(number("-10"), number("-9.5"));
  EXPECT_LT(number("9"), number("10"));
  EXPECT_LT(number("1.25"), number("1.3"));
  // A double cannot tell these apart.
  EXPECT_LT(number("9007199254740992"), number("9007199254740993"));
  EXPECT_GT(number("0.10000000000000000001"), number("0.1"));
}

TEST(Decimals, OtherTextIsNone) {
  for (const auto* text : {"", "-", ".5", "5.", "1e3", "0x10", " 5", "5 ", "inf", "1.2.3", "--1"})
    EXPECT_FALSE(Decimal::parse(text)) << text;
}

TEST(Dates, AreReadInTheFormsOfTheW3cAndAsSeconds) {
  constexpr std::int64_t kNewYear = 1767225600'000;
  for (const auto* text :
       {"2026", "2026-01", "2026-01-01", "2026-01-01T00:00Z", "2026-01-01T00:00:00Z",
        "2026-01-01T00:00:00", "2026-01-01T01:30:00+01:30", "2025-12-31T19:00:00-0500",
        "1767225600", "1767225600.0"})
    EXPECT_EQ(parse_date(text), kNewYear) << text;
  EXPECT_EQ(parse_date("2026-01-01T00:00:00.1239Z"), kNewYear + 123);
  EXPECT_EQ(parse_date("-1"), -1000);
}

TEST(Dates, OtherTextIsNone) {
  for (const auto* text :
       {"", "yesterday", "2026-13-01", "2026-02-30", "2026-01-01T25:00Z", "2026-01-01 00:00",
        "2026-01-01T00:00:00Zx", "20260101T000000Z", "2026-1-1", "1.", "99999999999999"})
    EXPECT_FALSE(parse_date(text)) << text;
}

TEST(Networks, HoldTheirAddresses) {
  const auto holds = [](std::string_view range, std::string_view address) {
    return Network::parse(range).value().contains(Address::parse(address).value());
  };
  EXPECT_TRUE(holds("203.0.113.0/24", "203.0.113.255"));
  EXPECT_FALSE(holds("203.0.113.0/24", "203.0.114.0"));
  EXPECT_TRUE(holds("203.0.113.128/25", "203.0.113.129"));
  EXPECT_FALSE(holds("203.0.113.128/25", "203.0.113.127"));
  EXPECT_TRUE(holds("10.1.2.3", "10.1.2.3"));
  EXPECT_FALSE(holds("10.1.2.3", "10.1.2.4"));
  EXPECT_TRUE(holds("0.0.0.0/0", "8.8.8.8"));
  EXPECT_FALSE(holds("0.0.0.0/0", "2001:db8::1"));
  EXPECT_TRUE(holds("2001:DB8:1234:5678::/64", "2001:db8:1234:5678:9::1"));
  EXPECT_FALSE(holds("2001:db8:8000::/33", "2001:db8:7fff::1"));
  // An IPv4 client of a listener for both kinds.
  EXPECT_TRUE(holds("203.0.113.0/24", "::ffff:203.0.113.9"));
}

TEST(Networks, OtherTextIsNone) {
  for (const auto* text : {"", "10.0.0.0/33", "10.0.0.0/-1", "10.0.0/8", "10.0.0.0/", "10.0.0.0/8x",
                           "::/129", "example.com", "10.0.0.0/+8", "::ffff:10.0.0.0/104"})
    EXPECT_FALSE(Network::parse(text)) << text;
}

}  // namespace
}  // namespace angophora::policy
