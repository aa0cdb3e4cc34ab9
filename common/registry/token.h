// The one-time token of a registration: how a new component finds the cloud, knows that it is the
// right one, and proves that it is the one that was registered. One line of text.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "common/registry/files.h"
#include "common/soap/contracts.h"
#include "common/soap/dispatcher.h"

namespace angophora::registry {

struct Token {
  std::string host;  // of the cloud controller's internal listener
  std::uint16_t port = 0;
  std::string cloud_name;    // what the cloud controller is called in the registry
  std::string cloud_sha256;  // raw, of its signing (and TLS) certificate
  std::string service_name;  // what the new component was registered as
  std::string id;
  std::string secret;  // raw, at least 16 bytes
};

std::string format_token(const Token& token);
// Errc::invalid_argument, with what is wrong.
Result<Token> parse_token(std::string_view text);

// HMAC-SHA256 under the token's secret over what Enrol asks for.
std::string enrolment_mac(std::string_view secret, std::string_view name, std::string_view token_id,
                          std::string_view signing_der, std::string_view encryption_der);

// The cloud controller's side of Enrol, after it found the token of `request.tokenId` unused and
// not expired, for the service `registered`. Errc::permission_denied when the name or the MAC is
// wrong or the caller does not hold the signing key; Errc::invalid_argument for certificates that
// cannot be used.
Result<> check_enrolment(const cloud__EnrolType& request, std::string_view secret,
                         const common::ServiceName& registered, const soap::Caller& caller);

}  // namespace angophora::registry
