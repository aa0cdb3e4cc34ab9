// What a signature covers, free of any HTTP library, and what can be wrong with one.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "common/base/result.h"
#include "common/base/time.h"

namespace angophora::sigv {

using common::Result;
using common::SysTime;
using HeaderList = std::vector<std::pair<std::string, std::string>>;

struct SignedRequest {
  std::string method;
  std::string target;  // path and query exactly as sent, percent-encoded
  HeaderList headers;  // values byte-exact
  // Lower-case hex SHA-256 of the whole body. Query APIs need it; S3 leaves it empty, because
  // Claim::payload says what the body must be.
  std::string body_sha256;
  // The body of a POST with application/x-www-form-urlencoded; V2 signs its parameters.
  std::string form;
  // The bucket that the Host name told (S3, virtual-host style); V2 signs it.
  std::string bucket;

  std::string_view path() const;   // encoded
  std::string_view query() const;  // encoded, without '?'
  // The first header of that name, in any case.
  std::optional<std::string_view> header(std::string_view name) const;
};

// Which conventions apply: S3 signs the path as sent (encoded once), lets the body be unsigned or
// streamed and has a V2 of its own; all other services share the query rules.
enum class Rules { query_api, s3 };

enum class SigErrc {
  missing = 1,    // no signature at all: an anonymous request
  malformed,      // a signature, but its parts are incomplete or make no sense
  unsupported,    // a scheme or algorithm that we do not know
  mismatch,       // wrong key or altered request
  skewed,         // signed too far from now, either way
  expired,        // a presigned or dated request whose time is over
  body_mismatch,  // the body is not the one that was signed
};
std::string_view to_string(SigErrc e);

}  // namespace angophora::sigv

ANGOPHORA_ERROR_ENUM(angophora::sigv, SigErrc)
