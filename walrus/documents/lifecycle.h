// The rules by which a bucket sheds objects, old versions and unfinished uploads by itself, or
// moves them to another storage class.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "walrus/documents/shape.h"
#include "walrus/domain/object.h"

namespace angophora::walrus {

extern const Shape kLifecycleShape;
// S3Errc::malformed_xml, invalid_argument (ids, numbers of days), invalid_request.
Result<> check_lifecycle(const xml::Element& root);

// Gives an id to each rule that has none.
void name_lifecycle_rules(xml::Element& root, const std::function<std::string()>& new_id);

// After so many days, or at a date.
struct LifecycleWhen {
  std::optional<int> days;
  std::optional<common::SysTime> date;
};

struct LifecycleRule {
  struct Transition {
    LifecycleWhen when;
    std::string storage_class;
    int newer_kept = 0;  // of noncurrent versions
  };
  std::string id;
  bool enabled = false;
  // What it is about; all must hold.
  std::string prefix;
  Tags tags;
  std::optional<std::uint64_t> above_bytes, below_bytes;
  // What it does.
  std::optional<LifecycleWhen> expiration;
  bool removes_lone_markers = false;  // delete markers with no version left below
  std::vector<Transition> transitions, noncurrent_transitions;
  std::optional<int> noncurrent_days;
  int newer_kept = 0;  // so many newest noncurrent versions stay
  std::optional<int> abort_days;

  bool is_about_key(std::string_view key) const { return key.starts_with(prefix); }
  bool is_about(const Object& object) const;
};

std::vector<LifecycleRule> lifecycle_rules(const xml::Element& root);

// How long a day is: 24 hours, rounded up to the next midnight, but in tests.
struct LifecycleClock {
  std::chrono::seconds day = std::chrono::hours(24);
  common::SysTime after(common::SysTime start, int days) const;
  common::SysTime due(common::SysTime start, const LifecycleWhen& when) const;
};

// The rule that removes the newest version `object` first, and when; for x-amz-expiration.
struct LifecycleExpiry {
  std::string rule;
  common::SysTime due{};
};
std::optional<LifecycleExpiry> expiry_of(const std::vector<LifecycleRule>& rules,
                                         const Object& object);

}  // namespace angophora::walrus
