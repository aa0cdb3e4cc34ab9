#include "walrus/logging/record.h"

#include <fmt/format.h>

#include "common/base/encoding.h"

namespace angophora::walrus {
namespace {

constexpr std::size_t kTextMax = 2048;

struct Moment {
  std::chrono::year_month_day date;
  std::chrono::hh_mm_ss<std::chrono::seconds> clock;
};
Moment moment_of(common::SysTime time) {
  const auto day = std::chrono::floor<std::chrono::days>(time);
  return {day, std::chrono::hh_mm_ss(std::chrono::floor<std::chrono::seconds>(time - day))};
}

// Between spaces: without any, and without quotes.
std::string word(const std::string& text) { return text.empty() ? "-" : text; }

// Between quotes: what would end it, or the line, as %XX.
std::string in_quotes(std::string_view text) {
  if (text.empty()) return "\"-\"";
  std::string out = "\"";
  for (const char c : text.substr(0, kTextMax)) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x20 || byte == 0x7f || c == '"' || c == '\\')
      out += fmt::format("%{:02X}", byte);
    else
      out += c;
  }
  return out + "\"";
}

std::string number(const std::optional<std::uint64_t>& count) {
  return count ? std::to_string(*count) : "-";
}

std::string time_field(common::SysTime time) {
  constexpr const char* kMonths[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                     "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const auto at = moment_of(time);
  return fmt::format(
      "[{:02}/{}/{:04}:{:02}:{:02}:{:02} +0000]", static_cast<unsigned>(at.date.day()),
      kMonths[static_cast<unsigned>(at.date.month()) - 1], static_cast<int>(at.date.year()),
      at.clock.hours().count(), at.clock.minutes().count(), at.clock.seconds().count());
}

std::string day_path(common::SysTime time, char separator) {
  const auto at = moment_of(time);
  return fmt::format("{:04}{}{:02}{}{:02}", static_cast<int>(at.date.year()), separator,
                     static_cast<unsigned>(at.date.month()), separator,
                     static_cast<unsigned>(at.date.day()));
}

}  // namespace

std::string to_line(const AccessRecord& r) {
  const auto key = common::percent_encode(r.key, true);
  const auto host = common::percent_encode(r.host);
  std::string line = word(r.bucket_owner) + " " + word(r.bucket) + " " + time_field(r.time) + " " +
                     word(r.address) + " " + word(r.requester) + " " + word(r.request_id) + " " +
                     word(r.operation) + " " + word(key) + " " + in_quotes(r.request_line) + " " +
                     std::to_string(r.status) + " " + word(r.error_code) + " " +
                     number(r.bytes_sent) + " " + number(r.object_bytes) + " " +
                     std::to_string(r.took_ms) + " " + std::to_string(r.took_ms) + " " +
                     in_quotes(r.referrer) + " " + in_quotes(r.user_agent) + " " +
                     word(common::percent_encode(r.version)) + " " + word(r.request_id) + " " +
                     word(r.signature_version) + " - " + word(r.authentication) + " " + word(host);
  return line + " - - " + (r.list_was_needed ? "Yes" : "-") + "\n";
}

std::string name_of_log(const LoggingRule& rule, const LogName& name) {
  using Keys = LoggingRule::Keys;
  const auto at = moment_of(name.delivered);
  auto time = fmt::format("-{:02}-{:02}-{:02}-", at.clock.hours().count(),
                          at.clock.minutes().count(), at.clock.seconds().count());
  if (rule.keys == Keys::simple)
    return rule.prefix + day_path(name.delivered, '-') + time + name.unique;
  const bool by_event = rule.keys == Keys::by_event_day;
  const auto day = by_event ? name.day : name.delivered;
  if (by_event) time = "-00-00-00-";
  return rule.prefix + name.account + "/" + name.region + "/" + name.source + "/" +
         day_path(day, '/') + "/" + day_path(day, '-') + time + name.unique;
}

}  // namespace angophora::walrus
