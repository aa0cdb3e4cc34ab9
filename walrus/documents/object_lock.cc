#include "walrus/documents/object_lock.h"

#include "common/base/text.h"
#include "walrus/domain/s3_errors.h"

namespace angophora::walrus {
namespace {

using Holds = Shape::Holds;

constexpr int kDaysMax = 36500;
constexpr int kYearsMax = 100;
constexpr std::string_view kModes = "GOVERNANCE|COMPLIANCE";
constexpr Shape kLockDefault[] = {{"Mode", 1, 1, Holds::choice, kModes},
                                  {"Days", 0, 1, Holds::number},
                                  {"Years", 0, 1, Holds::number}};
constexpr Shape kLockRule[] = {{"DefaultRetention", 1, 1, Holds::elements, {}, kLockDefault}};
constexpr Shape kConfiguration[] = {{"ObjectLockEnabled", 1, 1, Holds::choice, "Enabled"},
                                    {"Rule", 0, 1, Holds::elements, {}, kLockRule}};
constexpr Shape kRetention[] = {{"Mode", 0, 1, Holds::choice, kModes},
                                {"RetainUntilDate", 0, 1, Holds::time}};
constexpr Shape kHold[] = {{"Status", 1, 1, Holds::choice, "ON|OFF"}};

}  // namespace

const Shape kObjectLockShape{"ObjectLockConfiguration", 1, 1, Holds::elements, {}, kConfiguration};
const Shape kRetentionShape{"Retention", 1, 1, Holds::elements, {}, kRetention};
const Shape kLegalHoldShape{"LegalHold", 1, 1, Holds::elements, {}, kHold};

Result<> check_object_lock(const xml::Element& root) {
  const auto* rule = root.find("Rule/DefaultRetention");
  if (!rule) return common::ok();
  const auto* days = rule->child("Days");
  const auto* years = rule->child("Years");
  if (!days == !years) return malformed_xml();
  const auto number = common::parse_number<int>(rule->text_of(days ? "Days" : "Years")).value_or(0);
  if (number < 1 || number > (days ? kDaysMax : kYearsMax))
    return Error(S3Errc::invalid_retention_period,
                 "Default retention period must be a positive integer value.");
  return common::ok();
}

std::optional<Retention> default_retention(const xml::Element& root, common::SysTime now) {
  const auto* rule = root.find("Rule/DefaultRetention");
  if (!rule) return std::nullopt;
  const auto years = common::parse_number<int>(rule->text_of("Years")).value_or(0);
  const auto days = common::parse_number<int>(rule->text_of("Days")).value_or(years * 365);
  return Retention{rule->text_of("Mode") == "COMPLIANCE", now + std::chrono::days(days)};
}

std::optional<Retention> retention_of(const xml::Element& root) {
  const auto until = common::parse_iso8601(root.text_of("RetainUntilDate"));
  const auto compliance = parse_compliance(root.text_of("Mode"));
  if (!until || !compliance) return std::nullopt;
  return Retention{*compliance, *until};
}

bool legal_hold_of(const xml::Element& root) { return root.text_of("Status") == "ON"; }

std::string_view mode_name(const Retention& retention) {
  return retention.compliance ? "COMPLIANCE" : "GOVERNANCE";
}

std::optional<bool> parse_compliance(std::string_view mode) {
  if (mode == "COMPLIANCE") return true;
  if (mode == "GOVERNANCE") return false;
  return std::nullopt;
}

}  // namespace angophora::walrus
