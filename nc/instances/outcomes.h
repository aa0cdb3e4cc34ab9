// The answers to orders, and what makes an order one that can be answered. Inside this folder only.
#pragma once

#include <string_view>

#include "common/base/result.h"
#include "nc/instances/report.h"

namespace angophora::nc {

// Ids become names of files and domains.
bool is_safe_name(std::string_view text);

Outcome accept(InstanceId id);
// `code` is for programs: "unavailable" and "timed_out" ask for another try here, the rest are
// definite.
Outcome refuse(InstanceId id, std::string code, std::string reason);
Outcome refuse(InstanceId id, const common::Error& error);
Outcome refuse_stale(const InstanceRecord& record, std::int64_t placement_no);

common::Error still_finding();

}  // namespace angophora::nc
