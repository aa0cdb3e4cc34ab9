// What lifecycle rules want of one version or upload. Values and rules, no I/O.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "walrus/documents/lifecycle.h"

namespace angophora::walrus {

struct LifecycleWish {
  enum class Act {
    keep,
    expire,         // a delete marker, or without versioning the end
    remove_version  // for good
  };
  Act act = Act::keep;
  std::string storage_class;  // to move to; "" stays
};

// What is known of the versions of a key besides the one in question.
struct VersionsAround {
  int newer_noncurrent = 0;      // noncurrent versions that are newer
  bool is_only_version = false;  // nothing else is there of the key
};

LifecycleWish judge_version(const std::vector<LifecycleRule>& rules, const LifecycleClock& clock,
                            const Object& object, const VersionsAround& around,
                            common::SysTime now);

// Whether an upload under way has taken too long.
bool is_upload_overdue(const std::vector<LifecycleRule>& rules, const LifecycleClock& clock,
                       const Upload& upload, common::SysTime now);

}  // namespace angophora::walrus
