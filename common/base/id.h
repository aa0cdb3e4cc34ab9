// Names of things, one C++ type per kind of thing.
#pragma once

#include <compare>
#include <functional>
#include <string>

namespace angophora::common {

// A string that names one kind of object: an InstanceId is never a VolumeId.
template <class Tag>
struct Id {
  Id() = default;
  explicit Id(std::string text) : value(std::move(text)) {}
  bool empty() const { return value.empty(); }
  auto operator<=>(const Id&) const = default;
  std::string value;
};

using AccountId = Id<struct AccountTag>;          // 12 digits
using UserId = Id<struct UserTag>;                // AIDA...
using InstanceId = Id<struct InstanceTag>;        // i- and 17 hex digits
using ReservationId = Id<struct ReservationTag>;  // r- and 17 hex digits
using ImageId = Id<struct ImageTag>;              // emi-, eki- or eri- and 17 hex digits
using VolumeId = Id<struct VolumeTag>;            // vol- and 17 hex digits
using SnapshotId = Id<struct SnapshotTag>;        // snap- and 17 hex digits
using GroupId = Id<struct GroupTag>;              // sg- and 17 hex digits
using NodeName = Id<struct NodeTag>;              // the name a node was registered under
using ServiceName = Id<struct ServiceTag>;        // the name any component was registered under
using ZoneName = Id<struct ZoneTag>;              // availability zone

}  // namespace angophora::common

template <class Tag>
struct std::hash<angophora::common::Id<Tag>> {
  std::size_t operator()(const angophora::common::Id<Tag>& id) const noexcept {
    return std::hash<std::string>{}(id.value);
  }
};
