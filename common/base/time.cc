#include "common/base/time.h"

#include <fmt/format.h>
#include <time.h>

#include <array>
#include <cstdlib>

namespace angophora::common {
namespace {

using namespace std::chrono;

constexpr std::array<const char*, 7> kDays = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
constexpr std::array<const char*, 12> kMonths = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                 "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

struct Fields {
  year_month_day date;
  hh_mm_ss<milliseconds> time;
  explicit Fields(SysTime t) : date(floor<days>(t)), time(t - floor<days>(t)) {}
};

// Digits of fixed width from the front of `text`.
std::optional<int> take_number(std::string_view& text, std::size_t width) {
  if (text.size() < width) return std::nullopt;
  int value = 0;
  for (char c : text.substr(0, width)) {
    if (c < '0' || c > '9') return std::nullopt;
    value = value * 10 + (c - '0');
  }
  text.remove_prefix(width);
  return value;
}

bool take(std::string_view& text, char c) {
  if (text.empty() || text.front() != c) return false;
  text.remove_prefix(1);
  return true;
}

std::optional<SysTime> join(int y, int mo, int d, int h, int mi, int s, milliseconds fraction) {
  const auto date = year{y} / month{static_cast<unsigned>(mo)} / day{static_cast<unsigned>(d)};
  if (!date.ok() || h > 23 || mi > 59 || s > 60) return std::nullopt;
  return SysTime(sys_days(date)) + hours(h) + minutes(mi) + seconds(s) + fraction;
}

}  // namespace

std::string format_iso8601(SysTime t) {
  const Fields f(t);
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z", int(f.date.year()),
                     unsigned(f.date.month()), unsigned(f.date.day()), f.time.hours().count(),
                     f.time.minutes().count(), f.time.seconds().count(),
                     f.time.subseconds().count());
}

std::string format_iso8601_basic(SysTime t) {
  const Fields f(t);
  return fmt::format("{:04}{:02}{:02}T{:02}{:02}{:02}Z", int(f.date.year()),
                     unsigned(f.date.month()), unsigned(f.date.day()), f.time.hours().count(),
                     f.time.minutes().count(), f.time.seconds().count());
}

std::string format_http_date(SysTime t) {
  const Fields f(t);
  const weekday day_of_week{floor<days>(t)};
  return fmt::format("{}, {:02} {} {:04} {:02}:{:02}:{:02} GMT", kDays[day_of_week.c_encoding()],
                     unsigned(f.date.day()), kMonths[unsigned(f.date.month()) - 1],
                     int(f.date.year()), f.time.hours().count(), f.time.minutes().count(),
                     f.time.seconds().count());
}

std::optional<SysTime> parse_iso8601(std::string_view text) {
  const auto y = take_number(text, 4);
  if (!y) return std::nullopt;
  const bool extended = take(text, '-');
  const auto mo = take_number(text, 2);
  if (extended && !take(text, '-')) return std::nullopt;
  const auto d = take_number(text, 2);
  if (!mo || !d || !take(text, 'T')) return std::nullopt;
  const auto h = take_number(text, 2);
  if (extended && !take(text, ':')) return std::nullopt;
  const auto mi = take_number(text, 2);
  if (extended && !take(text, ':')) return std::nullopt;
  const auto s = take_number(text, 2);
  if (!h || !mi || !s) return std::nullopt;
  milliseconds fraction{0};
  if (take(text, '.')) {
    int scale = 100, seen = 0;
    for (; !text.empty() && text.front() >= '0' && text.front() <= '9'; text.remove_prefix(1)) {
      fraction += milliseconds((text.front() - '0') * scale);
      scale /= 10;
      if (++seen > 9) return std::nullopt;
    }
    if (!seen) return std::nullopt;
  }
  auto t = join(*y, *mo, *d, *h, *mi, *s, fraction);
  if (!t || text.empty() || text == "Z") return t;
  const int sign = take(text, '+') ? 1 : take(text, '-') ? -1 : 0;
  const auto zone_hours = take_number(text, 2);
  take(text, ':');
  const auto zone_minutes = take_number(text, 2);
  if (!sign || !zone_hours || !zone_minutes || !text.empty()) return std::nullopt;
  return *t - sign * (hours(*zone_hours) + minutes(*zone_minutes));
}

std::optional<SysTime> parse_http_date(std::string_view text) {
  const std::string copy(text);
  for (const char* format :
       {"%a, %d %b %Y %H:%M:%S GMT", "%a, %d %b %Y %H:%M:%S UTC", "%a, %d %b %Y %H:%M:%S %z",
        "%A, %d-%b-%y %H:%M:%S GMT", "%a %b %e %H:%M:%S %Y"}) {
    tm fields{};
    const char* end = strptime(copy.c_str(), format, &fields);
    if (!end || *end) continue;
    const long offset_s = fields.tm_gmtoff;
    auto t = join(fields.tm_year + 1900, fields.tm_mon + 1, fields.tm_mday, fields.tm_hour,
                  fields.tm_min, fields.tm_sec, milliseconds{0});
    if (!t) return std::nullopt;
    return *t - seconds(offset_s);
  }
  return std::nullopt;
}

}  // namespace angophora::common
