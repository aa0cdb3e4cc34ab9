// The text form of an instance's record. Pure; any thread.
#pragma once

#include <string>
#include <string_view>

#include "common/base/result.h"
#include "nc/domain/instance.h"

namespace angophora::nc {

std::string to_json(const InstanceRecord& record);
// Errc::corrupt, with what is wrong, for text that is no record.
common::Result<InstanceRecord> record_from_json(std::string_view text);

}  // namespace angophora::nc
