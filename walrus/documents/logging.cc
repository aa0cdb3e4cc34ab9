#include "walrus/documents/logging.h"

#include "common/base/text.h"
#include "walrus/domain/s3_errors.h"

namespace angophora::walrus {
namespace {

using common::Error;
using common::Result;
using Holds = Shape::Holds;

constexpr Shape kPartition[] = {
    {"PartitionDateSource", 0, 1, Holds::choice, "EventTime|DeliveryTime"}};
constexpr Shape kKeyFormat[] = {{"SimplePrefix", 0, 1, Holds::elements, {}, {}},
                                {"PartitionedPrefix", 0, 1, Holds::elements, {}, kPartition}};
constexpr Shape kEnabled[] = {{"TargetBucket", 1, 1, Holds::text, {}, {}, 63},
                              {"TargetPrefix", 1, 1, Holds::text, {}, {}, 800},
                              {"TargetGrants", 0, 1, Holds::elements, {}, {}},
                              {"TargetObjectKeyFormat", 0, 1, Holds::elements, {}, kKeyFormat}};
constexpr Shape kStatus[] = {{"LoggingEnabled", 0, 1, Holds::elements, {}, kEnabled}};

xml::Element element(std::string name) {
  xml::Element made;
  made.name = std::move(name);
  return made;
}

}  // namespace

const Shape kLoggingShape{"BucketLoggingStatus", 1, 1, Holds::elements, {}, kStatus};

Result<> check_logging(const xml::Element& root) {
  const auto* grants = root.find("LoggingEnabled/TargetGrants");
  if (grants && !grants->children.empty())
    return Error(S3Errc::not_implemented,
                 "Grants on log objects are not offered: the target's owner has them.");
  TRY_VOID(check_shape(root, kLoggingShape));
  const auto* format = root.find("LoggingEnabled/TargetObjectKeyFormat");
  if (format && format->children.size() != 1) return malformed_xml();
  return common::ok();
}

std::optional<LoggingRule> logging_rule(const xml::Element& root) {
  const auto* enabled = root.child("LoggingEnabled");
  if (!enabled) return std::nullopt;
  LoggingRule rule;
  rule.target = enabled->text_of("TargetBucket");
  rule.prefix = enabled->text_of("TargetPrefix");
  const auto* partitioned = enabled->find("TargetObjectKeyFormat/PartitionedPrefix");
  if (!partitioned) return rule;
  const bool by_event = common::trim(partitioned->text_of("PartitionDateSource")) == "EventTime";
  rule.keys = by_event ? LoggingRule::Keys::by_event_day : LoggingRule::Keys::by_delivery_day;
  return rule;
}

void complete_logging(xml::Element& root) {
  for (auto& enabled : root.children) {
    if (enabled.name != "LoggingEnabled" || enabled.child("TargetObjectKeyFormat")) continue;
    auto format = element("TargetObjectKeyFormat");
    format.children.push_back(element("SimplePrefix"));
    enabled.children.push_back(std::move(format));
  }
}

}  // namespace angophora::walrus
