// What `angophora status` shows: the answers of DescribeServices, DescribeNodeControllers and
// DescribeCloud put together, what of it is not well, and how it is printed. Pure.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "common/base/result.h"
#include "common/xml/reader.h"

namespace angophora::clc::cli {

using CountByName = std::vector<std::pair<std::string, std::int64_t>>;

struct CloudStatus {
  struct Service {
    std::string type, zone, name, state, address, reason, version;
  };
  struct Room {
    std::int64_t vcpus = 0, memory_mib = 0, disk_gib = 0;
  };
  struct TypeRoom {
    std::string type;
    std::int64_t max = 0, available = 0;
  };
  struct Node {
    std::string zone, name, state, reason, virtualization;
    Room total, available;
    std::vector<TypeRoom> types;  // those that the node could ever take
    std::vector<std::string> instances, unknown_instances;
  };
  struct Storage {
    std::string zone, name;
    bool reported = false;
    std::int64_t capacity_gib = 0, used_gib = 0;
    std::vector<std::string> unknown_volumes;
    std::vector<std::pair<std::string, std::string>> damaged_volumes;  // and what is wrong
  };
  std::string region, restored_at, not_writable;
  std::int64_t registry_version = 0, accounts = 0, users = 0, volumes_gib = 0;
  std::vector<Service> services;
  std::vector<Node> nodes;
  std::vector<Storage> storages;
  CountByName instances, volumes, images;  // by state, state and kind
  std::vector<std::string> stuck_attachments;
};

// Errc::corrupt when an answer lacks what it must have.
common::Result<CloudStatus> read_cloud_status(const xml::Element& services,
                                              const xml::Element& nodes, const xml::Element& cloud);

// What an administrator should look at, a sentence each; empty when all is well. A component that
// an administrator has stopped is as it was wanted.
std::vector<std::string> problems_of(const CloudStatus& status);

std::string text_of(const CloudStatus& status);
std::string json_of(const CloudStatus& status);

}  // namespace angophora::clc::cli
