#include "nc/instances/outcomes.h"

#include <algorithm>
#include <cctype>

#include "common/log/log.h"

namespace angophora::nc {

using common::Errc;
using common::Error;

namespace {

constexpr std::size_t kIdCharsMax = 64;

std::string name_of(const std::error_code& code) {
  if (code == Errc::invalid_argument) return "invalid_argument";
  if (code == Errc::limit_exceeded) return "limit_exceeded";
  if (code == Errc::unavailable) return "unavailable";
  if (code == Errc::timed_out) return "timed_out";
  if (code == Errc::io) return "io";
  return "internal";
}

}  // namespace

bool is_safe_name(std::string_view text) {
  return !text.empty() && text.size() <= kIdCharsMax && text[0] != '.' &&
         std::all_of(text.begin(), text.end(), [](unsigned char c) {
           return std::isalnum(c) || c == '-' || c == '_' || c == '.';
         });
}

Outcome accept(InstanceId id) { return {std::move(id), true, "", ""}; }

Outcome refuse(InstanceId id, std::string code, std::string reason) {
  log::info("order.refused", {{"instance", id}, {"code", code}, {"reason", reason}});
  return {std::move(id), false, std::move(code), std::move(reason)};
}

Outcome refuse(InstanceId id, const Error& error) {
  return refuse(std::move(id), name_of(error.code), error.message);
}

Outcome refuse_stale(const InstanceRecord& record, std::int64_t placement_no) {
  return refuse(record.spec.id, "stale_placement",
                "the order is for placement " + std::to_string(placement_no) + " of " +
                    record.spec.id.value + ", this node knows of placement " +
                    std::to_string(record.spec.placement_no));
}

Error still_finding() {
  return {Errc::unavailable, "the node controller is still finding its guests"};
}

}  // namespace angophora::nc
