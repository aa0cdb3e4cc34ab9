// Signs requests for our own clients and tests. Pure functions, any thread.
#pragma once

#include <chrono>
#include <string>

#include "common/sigv/verify.h"

namespace angophora::sigv {

struct Credentials {
  std::string access_key;
  std::string secret_key;
  std::string session_token;
};

struct Scope {
  std::string region = "angophora";
  std::string service;  // ec2, s3, sts ...
  Rules rules = Rules::query_api;
};

// The value of x-amz-content-sha256 for a body that is not signed.
inline constexpr std::string_view kUnsignedPayload = "UNSIGNED-PAYLOAD";

// Adds X-Amz-Date (and for S3 X-Amz-Content-Sha256, X-Amz-Security-Token where there is a token)
// and Authorization to the headers, which must hold Host already. Every header present is signed
// but those that proxies change. The payload hash is request.body_sha256, the
// x-amz-content-sha256 header when there is one, or UNSIGNED-PAYLOAD (S3) and the empty body's.
void sign_v4(SignedRequest& request, const Credentials& who, const Scope& scope, SysTime now);

// The target (path and query) of a presigned request: V4, host signed, body unsigned.
std::string presign_v4(const SignedRequest& request, const Credentials& who, const Scope& scope,
                       SysTime now, std::chrono::seconds valid_for);

// Version 2 of the query APIs: adds the V2 parameters to the query (GET) or the form (POST).
void sign_v2(SignedRequest& request, const Credentials& who, SysTime now, bool sha256 = true);
// S3's Version 2: adds Date (when there is none) and Authorization.
void sign_s3_v2(SignedRequest& request, const Credentials& who, SysTime now);

// The key that V4 signs with.
std::string signing_key_v4(const std::string& secret, std::string_view date,
                           std::string_view region, std::string_view service);

}  // namespace angophora::sigv
