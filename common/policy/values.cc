#include "common/policy/values.h"

#include <arpa/inet.h>

#include <algorithm>
#include <chrono>

#include "common/base/text.h"

namespace angophora::policy {
namespace {

bool all_digits(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

// Takes `count` digits from the front of `text`, as a number in [low, high].
std::optional<int> take(std::string_view& text, std::size_t count, int low, int high) {
  if (text.size() < count || !all_digits(text.substr(0, count))) return std::nullopt;
  const auto number = common::parse_number<int>(text.substr(0, count));
  text.remove_prefix(count);
  if (!number || *number < low || *number > high) return std::nullopt;
  return number;
}

bool skip(std::string_view& text, char c) {
  if (text.empty() || text.front() != c) return false;
  text.remove_prefix(1);
  return true;
}

// "Z", "+01:00" or "-0330", in minutes; nothing else may follow.
std::optional<int> take_zone(std::string_view text) {
  if (text == "Z" || text == "z") return 0;
  const int sign = skip(text, '+') ? 1 : skip(text, '-') ? -1 : 0;
  if (sign == 0) return std::nullopt;
  const auto hours = take(text, 2, 0, 23);
  skip(text, ':');
  const auto minutes = take(text, 2, 0, 59);
  if (!hours || !minutes || !text.empty()) return std::nullopt;
  return sign * (*hours * 60 + *minutes);
}

// The digits behind a point, in milliseconds; what is finer is dropped.
std::optional<int> take_fraction(std::string_view& text) {
  const auto length = std::min(text.find_first_not_of("0123456789"), text.size());
  if (length == 0) return std::nullopt;
  std::string digits(text.substr(0, std::min<std::size_t>(length, 3)));
  digits.resize(3, '0');
  text.remove_prefix(length);
  return common::parse_number<int>(digits);
}

std::optional<std::int64_t> parse_time_of_day(std::string_view text) {
  const auto hour = take(text, 2, 0, 23);
  if (!hour || !skip(text, ':')) return std::nullopt;
  const auto minute = take(text, 2, 0, 59);
  if (!minute) return std::nullopt;
  std::optional<int> second = 0, millisecond = 0;
  if (skip(text, ':')) {
    second = take(text, 2, 0, 60);
    if (second && skip(text, '.')) millisecond = take_fraction(text);
  }
  if (!second || !millisecond) return std::nullopt;
  // A time without a zone is UTC.
  const auto zone_minutes = text.empty() ? 0 : take_zone(text);
  if (!zone_minutes) return std::nullopt;
  const std::int64_t seconds = *hour * 3600 + (*minute - *zone_minutes) * 60 + *second;
  return seconds * 1000 + *millisecond;
}

std::optional<std::int64_t> parse_epoch(std::string_view text) {
  const bool negative = skip(text, '-');
  const auto point = std::min(text.find('.'), text.size());
  const auto whole = text.substr(0, point);
  if (whole.empty() || whole.size() > 12 || !all_digits(whole)) return std::nullopt;
  std::int64_t ms = *common::parse_number<std::int64_t>(whole) * 1000;
  if (point < text.size()) {
    auto rest = text.substr(point + 1);
    const auto fraction = take_fraction(rest);
    if (!fraction || !rest.empty()) return std::nullopt;
    ms += *fraction;
  }
  return negative ? -ms : ms;
}

}  // namespace

std::optional<Decimal> Decimal::parse(std::string_view text) {
  Decimal number;
  number.negative_ = skip(text, '-');
  if (!number.negative_) skip(text, '+');
  const auto point = std::min(text.find('.'), text.size());
  auto whole = text.substr(0, point);
  auto fraction = point < text.size() ? text.substr(point + 1) : std::string_view();
  if (whole.empty() || !all_digits(whole) || !all_digits(fraction)) return std::nullopt;
  if (point < text.size() && fraction.empty()) return std::nullopt;
  whole.remove_prefix(std::min(whole.find_first_not_of('0'), whole.size()));
  number.whole_ = whole;
  number.fraction_ = fraction.substr(0, fraction.find_last_not_of('0') + 1);
  if (number.whole_.empty() && number.fraction_.empty()) number.negative_ = false;
  return number;
}

std::strong_ordering Decimal::operator<=>(const Decimal& other) const {
  if (negative_ != other.negative_)
    return negative_ ? std::strong_ordering::less : std::strong_ordering::greater;
  auto order = whole_.size() <=> other.whole_.size();
  if (order == 0) order = whole_.compare(other.whole_) <=> 0;
  if (order == 0) order = fraction_.compare(other.fraction_) <=> 0;
  return negative_ ? 0 <=> order : order;
}

std::optional<std::int64_t> parse_date(std::string_view text) {
  if (!text.empty() && (text.size() != 4 || !all_digits(text)))
    if (const auto epoch = parse_epoch(text)) return epoch;
  const auto year = take(text, 4, 0, 9999);
  if (!year) return std::nullopt;
  std::optional<int> month = 1, day = 1;
  std::optional<std::int64_t> of_day = 0;
  if (!text.empty()) {
    if (!skip(text, '-')) return std::nullopt;
    month = take(text, 2, 1, 12);
  }
  if (month && !text.empty()) {
    if (!skip(text, '-')) return std::nullopt;
    day = take(text, 2, 1, 31);
  }
  if (month && day && !text.empty()) {
    if (!skip(text, 'T') && !skip(text, 't')) return std::nullopt;
    of_day = parse_time_of_day(text);
  }
  if (!month || !day || !of_day) return std::nullopt;
  const std::chrono::year_month_day date{std::chrono::year(*year),
                                         std::chrono::month(static_cast<unsigned>(*month)),
                                         std::chrono::day(static_cast<unsigned>(*day))};
  if (!date.ok()) return std::nullopt;
  const std::int64_t days = std::chrono::sys_days(date).time_since_epoch().count();
  return days * 86'400'000 + *of_day;
}

std::optional<Address> Address::parse(std::string_view text) {
  static constexpr std::array<std::uint8_t, 12> kMapped{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
  if (text.size() > 63 || text.find('\0') != std::string_view::npos) return std::nullopt;
  const std::string zero_ended(text);
  Address address;
  if (inet_pton(AF_INET, zero_ended.c_str(), address.bytes.data()) == 1) return address;
  if (inet_pton(AF_INET6, zero_ended.c_str(), address.bytes.data()) != 1) return std::nullopt;
  if (std::equal(kMapped.begin(), kMapped.end(), address.bytes.begin())) {
    std::copy_n(address.bytes.begin() + 12, 4, address.bytes.begin());
    std::fill(address.bytes.begin() + 4, address.bytes.end(), std::uint8_t{0});
    return address;
  }
  address.v6 = true;
  return address;
}

std::optional<Network> Network::parse(std::string_view text) {
  const auto slash = std::min(text.find('/'), text.size());
  const auto base = Address::parse(text.substr(0, slash));
  if (!base) return std::nullopt;
  const int bits_max = base->v6 ? 128 : 32;
  if (slash == text.size()) return Network{*base, bits_max};
  const auto digits = text.substr(slash + 1);
  const auto bits = common::parse_number<int>(digits);
  if (!bits || *bits < 0 || *bits > bits_max || !all_digits(digits)) return std::nullopt;
  // ::ffff:1.2.3.0/120 would mean another prefix than the one that was written.
  if (!base->v6 && text.find(':') < slash) return std::nullopt;
  return Network{*base, *bits};
}

bool Network::contains(const Address& address) const {
  if (address.v6 != base.v6) return false;
  const auto whole = static_cast<std::size_t>(prefix_bits / 8);
  if (!std::equal(base.bytes.begin(), base.bytes.begin() + prefix_bits / 8, address.bytes.begin()))
    return false;
  const int rest = prefix_bits % 8;
  if (rest == 0) return true;
  const int mask = 0xff & (0xff << (8 - rest));
  return (base.bytes[whole] & mask) == (address.bytes[whole] & mask);
}

std::optional<bool> parse_bool(std::string_view text) {
  if (common::equal_ignore_case(text, "true")) return true;
  if (common::equal_ignore_case(text, "false")) return false;
  return std::nullopt;
}

}  // namespace angophora::policy
