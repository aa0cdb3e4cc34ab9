// The metadata service: HTTP for guests, who are known by their address alone. The packet filter
// ties addresses to taps and lets nobody else reach the port.
//
// Threads: I/O thread only; signing runs on the pool.
#pragma once

#include <map>
#include <memory>
#include <string>

#include "common/http/server.h"
#include "common/runtime/runtime.h"
#include "nc/metadata/guest_limits.h"
#include "nc/metadata/guest_profiles.h"
#include "nc/metadata/metadata_source.h"
#include "nc/metadata/tokens.h"
#include "nc/metadata/tree.h"

namespace angophora::nc {

struct MetadataOptions {
  std::string address = "169.254.168.254";  // EdgeOptions::metadata_address and _port
  std::uint16_t port = 8780;
  MetadataFacts facts;
  GuestLimitOptions limits;
  // Any bytes; the same after a restart keeps guests' sessions.
  std::string token_key;
  ProfileSource* profiles = nullptr;  // outlives the service; without one guests have no roles
  IdentitySigner signer;              // without one there are no signatures, only the document
};

class MetadataService {
 public:
  // `runtime` and `source` outlive it.
  MetadataService(common::Runtime& runtime, const MetadataSource& source, MetadataOptions options);

  // Answers one request.
  common::awaitable<http::Response> handle(http::Request& request);

  // Begins to listen; the network's adopt() has made the address. Errc::io when the port is taken.
  common::Result<> listen();
  std::uint16_t port() const;  // of the listener

 private:
  common::awaitable<http::Response> answer(http::Request& request);
  http::Response issue_token(const http::Request& request, const InstanceSpec& spec) const;
  common::awaitable<http::Response> read(const http::Request& request, const InstanceSpec& spec);
  common::Task<SignedIdentity> identity_of(InstanceSpec spec, MetadataFacts facts);
  MetadataFacts facts() const;

  common::Runtime& runtime_;
  const MetadataSource& source_;
  MetadataOptions options_;
  MetadataTokens tokens_;
  GuestLimits limits_;
  GuestProfiles profiles_;
  std::map<InstanceId, SignedIdentity> identities_;  // signed before
  std::unique_ptr<http::Server> server_;
};

}  // namespace angophora::nc
