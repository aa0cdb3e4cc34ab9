// The programs that connect a node's guests with their volumes: one per attachment. Each holds the
// connection to the storage controller, makes it anew when it breaks, and offers the guest a local
// socket that stays. They are nobody's children: they live on when this daemon does not, and the
// next one finds them.
//
// I/O thread only; calls that name one attachment come one after the other.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "common/base/result.h"
#include "common/runtime/runtime.h"
#include "nc/domain/attachment.h"

namespace angophora::nc {

using common::InstanceId;

struct VolumeClientId {
  VolumeClientId(InstanceId i, VolumeId v) : instance(std::move(i)), volume(std::move(v)) {}
  auto operator<=>(const VolumeClientId&) const = default;
  InstanceId instance;
  VolumeId volume;
};

class VolumeClients {
 public:
  virtual ~VolumeClients() = default;
  // It runs and serves its socket: as it was found, or started now. Errc::unavailable when the
  // storage cannot be reached.
  virtual common::Task<> ensure(VolumeClientId id, VolumeExport exported) = 0;
  // Puts another one into its place that leads nowhere: what the guest writes is lost, what it
  // reads is zeros, and nothing makes it wait. For a guest that does not let go of a volume that
  // is taken away from it.
  virtual common::Task<> cut_off(VolumeClientId id, std::uint64_t size_bytes) = 0;
  // Ends it and removes its files; one that is not there counts as ended.
  virtual common::Task<> stop(VolumeClientId id) = 0;
  // Those of ensure() and cut_off() that have ended by themselves since.
  virtual common::Task<std::vector<VolumeClientId>> ended() = 0;
  // All that this node has, also from before this daemon's start.
  virtual common::Task<std::vector<VolumeClientId>> list() = 0;
  // Where the guest finds the volume: an NBD server's socket, and the name of its export.
  virtual std::string socket_of(const VolumeClientId& id) const = 0;
};

// The name of the export on each of these sockets.
inline constexpr char kLocalExport[] = "volume";

}  // namespace angophora::nc
