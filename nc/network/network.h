// The network of one node's guests, as the rest of the node controller sees it.
//
// Threads: the I/O thread alone calls; what blocks goes to the pool inside.
// Every call may be repeated; a repeated call changes nothing.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "common/base/id.h"
#include "common/base/result.h"
#include "nc/domain/network_document.h"

namespace angophora::nc {

// Where a guest is plugged in.
struct Port {
  common::InstanceId instance;
  std::string mac_address;
  std::string private_ip;
  std::string tap;  // the interface's name; persistent, outlives the domain
  bool operator==(const Port&) const = default;
};

class Network {
 public:
  virtual ~Network() = default;

  // Makes the guest's tap with its route, lease and rules (default deny until a document says
  // more) and returns it; the domain can be started then. Asked again for the same instance it
  // returns the same port.
  virtual common::Task<Port> add_port(common::InstanceId id, std::string mac_address,
                                      std::string private_ip) = 0;

  // Removes all that add_port made; an instance without a port counts as removed.
  virtual common::Task<> remove_port(common::InstanceId id) = 0;

  // Makes the node's rules, leases and routes match the document. A document older than the one
  // in force is ignored.
  virtual common::Task<> apply(NetworkDocument document) = 0;

  // Once at start, before all else: `live` are the ports of the guests this node holds. Their taps
  // are taken over, or made again when they are gone (the host restarted); whatever else of ours
  // is found is removed.
  virtual common::Task<> adopt(std::vector<Port> live) = 0;

  // Why the host is not as all guests' network needs it, as a sentence for operators; empty when it
  // is. What hinders a single port is not meant.
  virtual std::string trouble() const = 0;

  // The name of the region, as the last document tells it; empty when none did.
  virtual std::string region() const = 0;

  // What the last document says of an instance; nothing before the first document, and for an
  // instance that it does not name.
  virtual std::optional<NetworkFacts> facts_of(const common::InstanceId& id) const = 0;

  // The version of the document in force; 0 before the first.
  virtual std::int64_t applied_version() const = 0;
};

}  // namespace angophora::nc
