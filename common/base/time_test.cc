#include "common/base/time.h"

#include <gtest/gtest.h>

namespace angophora::common {
namespace {

using namespace std::chrono_literals;

const SysTime kMoment =
    SysTime(std::chrono::sys_days{std::chrono::year{2026} / 11 / 22}) + 2h + 40min + 58s + 123ms;

TEST(Time, IsWrittenInTheThreeFormsOfOurProtocols) {
  EXPECT_EQ(format_iso8601(kMoment), "2026-11-22T02:40:58.123Z");
  EXPECT_EQ(format_iso8601_basic(kMoment), "20261122T024058Z");
  EXPECT_EQ(format_http_date(kMoment), "Sun, 22 Nov 2026 02:40:58 GMT");
}

TEST(Time, ReadsWhatClientsSend) {
  EXPECT_EQ(parse_iso8601("2026-11-22T02:40:58.123Z"), kMoment);
  EXPECT_EQ(parse_iso8601("20261122T024058Z"), kMoment - 123ms);
  EXPECT_EQ(parse_iso8601("2026-11-22T03:40:58+01:00"), kMoment - 123ms);
  EXPECT_EQ(parse_iso8601("2026-11-22T02:40:58"), kMoment - 123ms);
  EXPECT_EQ(parse_http_date("Sun, 22 Nov 2026 02:40:58 GMT"), kMoment - 123ms);
  EXPECT_EQ(parse_http_date("Sun, 22 Nov 2026 02:40:58 +0000"), kMoment - 123ms);
  EXPECT_EQ(parse_http_date("Sun Nov 22 02:40:58 2026"), kMoment - 123ms);
}

TEST(Time, RefusesWhatIsNoMoment) {
  for (const char* text : {"", "2026", "2026-13-01T00:00:00Z", "2026-02-30T00:00:00Z",
                           "2026-11-22T25:00:00Z", "2026-11-22T02:40:58.Z", "2026-11-22T02:40:58X"})
    EXPECT_FALSE(parse_iso8601(text)) << text;
  EXPECT_FALSE(parse_http_date("yesterday"));
}

}  // namespace
}  // namespace angophora::common
