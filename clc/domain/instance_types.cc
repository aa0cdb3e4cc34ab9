#include "clc/domain/instance_types.h"

#include <algorithm>

#include "common/base/text.h"

namespace angophora::clc {
namespace {

struct Row {
  const char* name;
  std::int64_t vcpus, memory_mib, disk_gib, interfaces;
};

// Name, processors, memory in MiB, disk in GiB, network interfaces.
constexpr Row kRows[] = {
    {"t1.micro", 1, 628, 5, 2},       {"t2.nano", 1, 512, 5, 2},
    {"t2.micro", 1, 1024, 10, 2},     {"t2.small", 1, 2048, 10, 2},
    {"t2.medium", 2, 4096, 10, 3},    {"t2.large", 2, 8192, 15, 3},
    {"t2.xlarge", 4, 16384, 15, 3},   {"t2.2xlarge", 8, 32768, 20, 3},
    {"t3.nano", 2, 512, 5, 2},        {"t3.micro", 2, 1024, 10, 2},
    {"t3.small", 2, 2048, 10, 3},     {"t3.medium", 2, 4096, 10, 3},
    {"t3.large", 2, 8192, 15, 3},     {"t3.xlarge", 4, 16384, 15, 4},
    {"t3.2xlarge", 8, 32768, 20, 4},  {"m1.small", 1, 1741, 160, 2},
    {"m1.medium", 1, 3840, 410, 2},   {"m1.large", 2, 7680, 840, 3},
    {"m1.xlarge", 4, 15360, 1680, 4}, {"c1.medium", 2, 1741, 350, 2},
    {"c1.xlarge", 8, 7168, 1680, 4},  {"m3.medium", 1, 3840, 4, 2},
    {"m3.large", 2, 7680, 32, 3},     {"m3.xlarge", 4, 15360, 80, 4},
    {"m3.2xlarge", 8, 30720, 160, 4}, {"m4.large", 2, 8192, 10, 2},
    {"m4.xlarge", 4, 16384, 10, 4},   {"m4.2xlarge", 8, 32768, 10, 4},
    {"m5.large", 2, 8192, 10, 3},     {"m5.xlarge", 4, 16384, 10, 4},
    {"m5.2xlarge", 8, 32768, 10, 4},  {"m5.4xlarge", 16, 65536, 10, 8},
    {"c4.large", 2, 3840, 10, 3},     {"c4.xlarge", 4, 7680, 10, 4},
    {"c5.large", 2, 4096, 10, 3},     {"c5.xlarge", 4, 8192, 10, 4},
    {"c5.2xlarge", 8, 16384, 10, 4},  {"r4.large", 2, 15616, 10, 3},
    {"r4.xlarge", 4, 31232, 10, 4},   {"r5.large", 2, 16384, 10, 3},
    {"r5.xlarge", 4, 32768, 10, 4},
};

common::Error bad_entry(std::string_view entry) {
  return {common::Errc::invalid_argument,
          "instance type '" + std::string(entry) +
              "' is not NAME=VCPUS,MEMORY_MIB,DISK_GIB[,EPHEMERAL_GIB[,SWAP_MIB]] or NAME=off"};
}

common::Result<InstanceType> parse_type(std::string_view entry, std::string_view name,
                                        std::string_view numbers) {
  InstanceType type;
  type.name = std::string(name);
  const auto parts = common::split(numbers, ',');
  if (parts.size() < 3 || parts.size() > 5) return bad_entry(entry);
  std::int64_t* const into[] = {&type.resources.vcpus, &type.resources.memory_mib,
                                &type.resources.disk_gib, &type.ephemeral_gib, &type.swap_mib};
  for (std::size_t i = 0; i < parts.size(); ++i) {
    const auto number = common::parse_number<std::int64_t>(parts[i]);
    if (!number || *number < (i < 3 ? 1 : 0) || *number > 100'000'000) return bad_entry(entry);
    *into[i] = *number;
  }
  return type;
}

}  // namespace

InstanceTypes::InstanceTypes() {
  for (const auto& row : kRows) {
    InstanceType type;
    type.name = row.name;
    type.resources = {row.vcpus, row.memory_mib, row.disk_gib};
    type.interfaces = row.interfaces;
    types_.push_back(std::move(type));
  }
}

common::Result<InstanceTypes> InstanceTypes::parse(std::string_view changes) {
  InstanceTypes result;
  auto& types = result.types_;
  for (const auto entry : common::split(changes, ' ')) {
    if (entry.empty()) continue;
    const auto equals = entry.find('=');
    if (equals == std::string_view::npos || equals == 0) return bad_entry(entry);
    const auto name = entry.substr(0, equals);
    const auto at = std::find_if(types.begin(), types.end(),
                                 [&](const InstanceType& t) { return t.name == name; });
    if (entry.substr(equals + 1) == "off") {
      if (at != types.end()) types.erase(at);
      continue;
    }
    TRY(auto type, parse_type(entry, name, entry.substr(equals + 1)));
    if (at != types.end()) {
      type.interfaces = at->interfaces;
      *at = std::move(type);
    } else {
      types.push_back(std::move(type));
    }
  }
  return result;
}

const InstanceType* InstanceTypes::find(std::string_view name) const {
  for (const auto& type : types_)
    if (type.name == name) return &type;
  return nullptr;
}

}  // namespace angophora::clc
