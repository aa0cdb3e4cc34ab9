// Who may be at the other end: the components of the registry as one immutable table, and this
// component itself. A table is replaced as a whole, so any thread may read one.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/id.h"
#include "common/base/result.h"
#include "common/crypto/rsa.h"
#include "common/crypto/x509.h"
#include "common/soap/role.h"

namespace angophora::soap {

using common::ServiceName;
using common::ZoneName;

// A component whose certificate is pinned.
struct Peer {
  ServiceName name;
  Role role = Role::cloud;
  ZoneName zone;  // empty for those of the whole cloud
  std::string host;
  std::uint16_t port = 0;  // of its internal listener
  crypto::Certificate certificate;
  std::string encryption_certificate_der = {};
  bool enabled = true;  // false: stopped by the operator, or not ready
};

class Peers {
 public:
  Peers() = default;
  // A certificate or name that comes twice belongs to nobody: both are left out.
  explicit Peers(std::vector<Peer> peers, std::int64_t version = 0);

  const Peer* by_name(const ServiceName& name) const;
  const Peer* by_sha1(std::string_view thumbprint) const;    // raw
  const Peer* by_sha256(std::string_view thumbprint) const;  // raw
  std::vector<const Peer*> all() const;
  std::int64_t version() const { return version_; }  // of the registry

 private:
  std::map<std::string, Peer, std::less<>> by_name_;
  std::map<std::string, const Peer*, std::less<>> by_sha1_, by_sha256_;
  std::int64_t version_ = 0;
};

// Where the newest table comes from. I/O thread only.
class PeerSource {
 public:
  virtual ~PeerSource() = default;
  // Never null. Empty when there is no registry, or it is too old to be trusted.
  virtual std::shared_ptr<const Peers> peers() const = 0;
  // Why the table has the cloud controller alone, when there should be more; else "".
  virtual std::string why_too_old() const { return {}; }
  // A message said that there is a registry of this version.
  virtual void heard_of_version(std::int64_t version) { (void)version; }
};

// `who` is nobody whom `self` may talk to, with the reason where the registry is the one to blame.
common::Error not_in_registry(std::error_code code, const std::string& who, const ServiceName& self,
                              const PeerSource& source);

// This component.
struct Self {
  ServiceName name;
  crypto::PrivateKey key;
  crypto::Certificate certificate;
};

// wsa:To of messages to a component.
std::string address_of(const ServiceName& name);
// Letters, digits, '-', '_' and '.'; at most 64.
bool is_valid_service_name(std::string_view name);

}  // namespace angophora::soap
