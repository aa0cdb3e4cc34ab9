#include "common/soap/peers.h"

#include <algorithm>
#include <set>

namespace angophora::soap {

Peers::Peers(std::vector<Peer> peers, std::int64_t version) : version_(version) {
  std::set<std::string> seen, twice;
  const auto note = [&](const std::string& key) {
    if (!seen.insert(key).second) twice.insert(key);
  };
  for (const auto& peer : peers) {
    note("name " + peer.name.value);
    note("key " + peer.certificate.sha1_thumbprint());
  }
  for (auto& peer : peers) {
    const auto sha1 = peer.certificate.sha1_thumbprint();
    if (twice.contains("name " + peer.name.value) || twice.contains("key " + sha1)) continue;
    const auto sha256 = peer.certificate.sha256_thumbprint();
    const auto name = peer.name.value;
    const auto* kept = &by_name_.emplace(name, std::move(peer)).first->second;
    by_sha1_[sha1] = kept;
    by_sha256_[sha256] = kept;
  }
}

const Peer* Peers::by_name(const ServiceName& name) const {
  const auto found = by_name_.find(name.value);
  return found == by_name_.end() ? nullptr : &found->second;
}

const Peer* Peers::by_sha1(std::string_view thumbprint) const {
  const auto found = by_sha1_.find(thumbprint);
  return found == by_sha1_.end() ? nullptr : found->second;
}

const Peer* Peers::by_sha256(std::string_view thumbprint) const {
  const auto found = by_sha256_.find(thumbprint);
  return found == by_sha256_.end() ? nullptr : found->second;
}

std::vector<const Peer*> Peers::all() const {
  std::vector<const Peer*> list;
  for (const auto& [name, peer] : by_name_) list.push_back(&peer);
  return list;
}

common::Error not_in_registry(std::error_code code, const std::string& who, const ServiceName& self,
                              const PeerSource& source) {
  const auto too_old = source.why_too_old();
  return common::Error(code, who + " is not in the registry of " + self.value +
                                 (too_old.empty() ? "" : ": " + too_old));
}

std::string address_of(const ServiceName& name) { return "urn:angophora:service:" + name.value; }

bool is_valid_service_name(std::string_view name) {
  return !name.empty() && name.size() <= 64 && std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '_' || c == '.';
  });
}

}  // namespace angophora::soap
