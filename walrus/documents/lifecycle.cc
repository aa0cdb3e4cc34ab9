#include "walrus/documents/lifecycle.h"

#include <algorithm>
#include <set>

#include "common/base/text.h"
#include "walrus/domain/s3_errors.h"

namespace angophora::walrus {
namespace {

using Holds = Shape::Holds;

constexpr std::size_t kLifecycleRulesMax = 1000;
constexpr std::size_t kIdBytesMax = 255;
constexpr std::size_t kTransitionsMax = 20;
constexpr Shape kTag[] = {{"Key", 1, 1}, {"Value", 1, 1}};
constexpr Shape kAnd[] = {{"Prefix", 0, 1},
                          {"Tag", 0, kTransitionsMax, Holds::elements, {}, kTag},
                          {"ObjectSizeGreaterThan", 0, 1, Holds::text, {}, {}, 20},
                          {"ObjectSizeLessThan", 0, 1, Holds::text, {}, {}, 20}};
constexpr Shape kFilter[] = {{"Prefix", 0, 1},
                             {"Tag", 0, 1, Holds::elements, {}, kTag},
                             {"And", 0, 1, Holds::elements, {}, kAnd},
                             {"ObjectSizeGreaterThan", 0, 1, Holds::text, {}, {}, 20},
                             {"ObjectSizeLessThan", 0, 1, Holds::text, {}, {}, 20}};
constexpr Shape kExpiration[] = {{"Days", 0, 1, Holds::number},
                                 {"Date", 0, 1, Holds::time},
                                 {"ExpiredObjectDeleteMarker", 0, 1, Holds::boolean}};
constexpr Shape kTransition[] = {
    {"Days", 0, 1, Holds::number}, {"Date", 0, 1, Holds::time}, {"StorageClass", 1, 1}};
constexpr Shape kNoncurrent[] = {{"NoncurrentDays", 0, 1, Holds::number},
                                 {"NewerNoncurrentVersions", 0, 1, Holds::number}};
constexpr Shape kNoncurrentMove[] = {{"NoncurrentDays", 0, 1, Holds::number},
                                     {"NewerNoncurrentVersions", 0, 1, Holds::number},
                                     {"StorageClass", 1, 1}};
constexpr Shape kAbort[] = {{"DaysAfterInitiation", 1, 1, Holds::number}};
constexpr Shape kLifecycleRule[] = {
    {"ID", 0, 1, Holds::text, {}, {}, 4096},
    {"Prefix", 0, 1},
    {"Filter", 0, 1, Holds::elements, {}, kFilter},
    {"Status", 1, 1, Holds::choice, "Enabled|Disabled"},
    {"Expiration", 0, 1, Holds::elements, {}, kExpiration},
    {"Transition", 0, kTransitionsMax, Holds::elements, {}, kTransition},
    {"NoncurrentVersionExpiration", 0, 1, Holds::elements, {}, kNoncurrent},
    {"NoncurrentVersionTransition", 0, kTransitionsMax, Holds::elements, {}, kNoncurrentMove},
    {"AbortIncompleteMultipartUpload", 0, 1, Holds::elements, {}, kAbort}};
constexpr Shape kLifecycleRules[] = {
    {"Rule", 1, kLifecycleRulesMax, Holds::elements, {}, kLifecycleRule}};

std::optional<int> number_of(const xml::Element& element, std::string_view name) {
  if (!element.child(name)) return std::nullopt;
  return common::parse_number<int>(element.text_of(name));
}

LifecycleWhen when_of(const xml::Element& element, std::string_view days_name) {
  LifecycleWhen when;
  when.days = number_of(element, days_name);
  if (element.child("Date")) when.date = common::parse_iso8601(element.text_of("Date"));
  return when;
}

std::optional<std::uint64_t> size_of(const xml::Element& element, std::string_view name) {
  if (!element.child(name)) return std::nullopt;
  return common::parse_number<std::uint64_t>(element.text_of(name));
}

void read_filter(const xml::Element& element, LifecycleRule& rule) {
  if (const auto* prefix = element.child("Prefix")) rule.prefix = prefix->text;
  for (const auto* tag : element.children_named("Tag"))
    rule.tags.emplace_back(tag->child("Key")->text, tag->child("Value")->text);
  if (const auto size = size_of(element, "ObjectSizeGreaterThan")) rule.above_bytes = size;
  if (const auto size = size_of(element, "ObjectSizeLessThan")) rule.below_bytes = size;
  if (const auto* both = element.child("And")) read_filter(*both, rule);
}

LifecycleRule rule_of(const xml::Element& element) {
  LifecycleRule rule;
  rule.id = element.text_of("ID");
  rule.enabled = element.text_of("Status") == "Enabled";
  if (const auto* prefix = element.child("Prefix")) rule.prefix = prefix->text;
  if (const auto* filter = element.child("Filter")) read_filter(*filter, rule);
  if (const auto* expiration = element.child("Expiration")) {
    if (expiration->child("Days") || expiration->child("Date"))
      rule.expiration = when_of(*expiration, "Days");
    rule.removes_lone_markers =
        common::equal_ignore_case(expiration->text_of("ExpiredObjectDeleteMarker"), "true");
  }
  for (const auto* move : element.children_named("Transition"))
    rule.transitions.push_back({when_of(*move, "Days"), move->text_of("StorageClass"), 0});
  for (const auto* move : element.children_named("NoncurrentVersionTransition"))
    rule.noncurrent_transitions.push_back(
        {when_of(*move, "NoncurrentDays"), move->text_of("StorageClass"),
         number_of(*move, "NewerNoncurrentVersions").value_or(0)});
  if (const auto* old = element.child("NoncurrentVersionExpiration")) {
    rule.noncurrent_days = number_of(*old, "NoncurrentDays");
    rule.newer_kept = number_of(*old, "NewerNoncurrentVersions").value_or(0);
    if (!rule.noncurrent_days && rule.newer_kept > 0) rule.noncurrent_days = 0;
  }
  if (const auto* abort = element.child("AbortIncompleteMultipartUpload"))
    rule.abort_days = number_of(*abort, "DaysAfterInitiation");
  return rule;
}

Result<> check_date(const xml::Element& element) {
  if (!element.child("Date")) return common::ok();
  const auto date = common::parse_iso8601(element.text_of("Date"));
  if (date && std::chrono::floor<std::chrono::days>(*date) == *date) return common::ok();
  return invalid_argument("'Date' must be at midnight GMT");
}

Result<> check_expiration(const xml::Element& expiration) {
  const auto kinds = !!expiration.child("Days") + !!expiration.child("Date") +
                     !!expiration.child("ExpiredObjectDeleteMarker");
  if (kinds != 1) return malformed_xml();
  if (number_of(expiration, "Days").value_or(1) < 1)
    return invalid_argument("'Days' for Expiration action must be a positive integer");
  return check_date(expiration);
}

Result<> check_rule(const xml::Element& element) {
  if (!element.child("Prefix") == !element.child("Filter")) return malformed_xml();
  bool acts = false;
  for (const auto* name : {"Expiration", "Transition", "NoncurrentVersionExpiration",
                           "NoncurrentVersionTransition", "AbortIncompleteMultipartUpload"})
    acts = acts || element.child(name);
  if (!acts) return malformed_xml();
  if (const auto* expiration = element.child("Expiration")) TRY_VOID(check_expiration(*expiration));
  for (const auto* move : element.children_named("Transition")) {
    if (!move->child("Days") == !move->child("Date")) return malformed_xml();
    if (number_of(*move, "Days").value_or(0) < 0)
      return invalid_argument("'Days' for Transition action must be a nonnegative integer");
    TRY_VOID(check_date(*move));
  }
  for (const auto* name : {"NoncurrentVersionExpiration", "NoncurrentVersionTransition"})
    for (const auto* old : element.children_named(name)) {
      const auto days = number_of(*old, "NoncurrentDays");
      const auto newer = number_of(*old, "NewerNoncurrentVersions");
      if (!days && !newer) return malformed_xml();
      if (days.value_or(1) < (std::string_view(name).ends_with("Expiration") ? 1 : 0))
        return invalid_argument("'NoncurrentDays' must be a positive integer");
      if (newer.value_or(1) < 1 || newer.value_or(1) > 100)
        return invalid_argument("'NewerNoncurrentVersions' must be between 1 and 100");
    }
  if (const auto* abort = element.child("AbortIncompleteMultipartUpload");
      abort && number_of(*abort, "DaysAfterInitiation").value_or(0) < 1)
    return invalid_argument("'DaysAfterInitiation' must be a positive integer");
  return common::ok();
}

}  // namespace

const Shape kLifecycleShape{"LifecycleConfiguration", 1, 1, Holds::elements, {}, kLifecycleRules};

void name_lifecycle_rules(xml::Element& root, const std::function<std::string()>& new_id) {
  for (auto& rule : root.children) {
    if (!rule.text_of("ID").empty()) continue;
    std::erase_if(rule.children, [](const xml::Element& child) { return child.name == "ID"; });
    xml::Element id;
    id.name = "ID";
    id.text = new_id();
    rule.children.insert(rule.children.begin(), std::move(id));
  }
}

Result<> check_lifecycle(const xml::Element& root) {
  std::set<std::string> ids;
  for (const auto* rule : root.children_named("Rule")) {
    const auto id = rule->text_of("ID");
    if (id.size() > kIdBytesMax)
      return invalid_argument("ID length should not exceed allowed limit of 255");
    if (!id.empty() && !ids.insert(id).second)
      return invalid_argument("Rule ID must be unique. Found same ID for more than one rule");
    TRY_VOID(check_rule(*rule));
  }
  return common::ok();
}

std::vector<LifecycleRule> lifecycle_rules(const xml::Element& root) {
  std::vector<LifecycleRule> rules;
  for (const auto* rule : root.children_named("Rule")) rules.push_back(rule_of(*rule));
  return rules;
}

bool LifecycleRule::is_about(const Object& object) const {
  if (!is_about_key(object.key)) return false;
  if (above_bytes && object.size_bytes <= *above_bytes) return false;
  if (below_bytes && object.size_bytes >= *below_bytes) return false;
  return std::all_of(tags.begin(), tags.end(), [&](const auto& tag) {
    return std::find(object.tags.begin(), object.tags.end(), tag) != object.tags.end();
  });
}

common::SysTime LifecycleClock::after(common::SysTime start, int days) const {
  const auto due = start + day * days;
  if (day != std::chrono::hours(24)) return due;
  return std::chrono::ceil<std::chrono::days>(due);
}

common::SysTime LifecycleClock::due(common::SysTime start, const LifecycleWhen& when) const {
  return when.date ? *when.date : after(start, when.days.value_or(0));
}

std::optional<LifecycleExpiry> expiry_of(const std::vector<LifecycleRule>& rules,
                                         const Object& object) {
  const LifecycleClock clock;
  std::optional<LifecycleExpiry> first;
  for (const auto& rule : rules) {
    if (!rule.enabled || !rule.expiration || !rule.is_about(object)) continue;
    const auto due = clock.due(object.changed, *rule.expiration);
    if (!first || due < first->due) first = LifecycleExpiry{rule.id, due};
  }
  return first;
}

}  // namespace angophora::walrus
