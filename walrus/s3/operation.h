// What an S3 operation is made of. Each stands in a file of its own and as a line in
// s3_operations.inc; the front door (walrus/http) finds the one that a request asks for, having
// checked who sends it.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/db/database.h"
#include "common/http/http.h"
#include "common/runtime/runtime.h"
#include "common/sigv/verify.h"
#include "walrus/access/judge.h"
#include "walrus/clients/identity_book.h"
#include "walrus/domain/acl.h"
#include "walrus/domain/names.h"
#include "walrus/domain/s3_errors.h"
#include "walrus/objects/blob_store.h"
#include "walrus/objects/keyring.h"
#include "walrus/objects/leases.h"
#include "walrus/objects/verifier.h"

namespace angophora::walrus {

using common::Error;
using common::Result;
using common::Task;
using db::Tx;

struct S3Settings {
  std::string domain;  // of virtual-host style; empty: path style only
  std::string region = "angophora";
  std::size_t buckets_max = 1000;  // of an account
  // What x-amz-storage-class may name beside STANDARD. A class is a label here.
  std::vector<std::string> storage_classes = {"REDUCED_REDUNDANCY"};
  std::chrono::seconds lifecycle_day = std::chrono::hours(24);
  std::chrono::seconds pack_collection = std::chrono::seconds(60);
  std::chrono::seconds access_log_roll = std::chrono::minutes(5);
  std::uint32_t scrub_mib_per_s = 8;  // 0: none
  std::chrono::seconds scrub_every = std::chrono::hours(24 * 7);
};

// What all operations work with. Outlives every call.
struct Services {
  common::Runtime& runtime;
  db::Database& db;
  BlobStore& blobs;
  BlobLeases& leases;
  IdentityBook& identities;
  S3Settings settings;
  std::shared_ptr<const Keyring> keyring = {};  // without: nothing is encrypted
  std::shared_ptr<Verifier> verifier = std::make_shared<Verifier>();
  // Told after a bucket's access log was set, or the bucket has gone; may be empty.
  std::function<common::awaitable<void>(std::string bucket)> logging_changed = {};
};

// Who asks. An unsigned request has no account.
struct S3Caller {
  common::AccountId account;
  std::string canonical_id;
  std::string display_name;
  policy::Principal principal;
  std::shared_ptr<const policy::Policies> policies;
  Asker asker() const { return {canonical_id}; }
  bool anonymous() const { return canonical_id.empty(); }
};

// One request. Lives in the front door's coroutine as long as the operation runs.
struct S3Call {
  http::Request& http;
  Target target;
  http::Parameters query;
  std::string request_id;
  S3Caller caller;
  std::optional<sigv::Claim> claim;  // nothing for an unsigned request
  std::string secret;                // that the claim was verified with
  // Canonical id that x-amz-expected-bucket-owner names; "-" for an account nobody knows.
  std::optional<std::string> expected_owner;
  std::shared_ptr<const Requester> requester = {};  // never null in an operation
  std::string_view permission = {};                 // of the operation
  const S3Settings* settings = nullptr;             // never null in an operation
  // Sent with a refusal as well: what a delete marker says of itself.
  std::vector<std::pair<std::string, std::string>> refusal_headers = {};
  bool is_logged = false;  // in the bucket's access log
  // For that log: the keys of a request about many, with their versions.
  std::vector<std::pair<std::string, std::string>> keys_of_many = {};

  std::string_view header(std::string_view name) const { return http.headers.get(name); }
  bool has_header(std::string_view name) const { return http.headers.find(name).has_value(); }
  std::optional<std::string_view> parameter(std::string_view name) const;
  // "" when it is missing.
  std::string parameter_or_empty(std::string_view name) const;
};

enum class Resource { service, bucket, object };

struct S3Operation {
  std::string_view name;  // Amazon's
  std::string_view method;
  Resource resource;
  // The action that policies must allow: "s3:GetObject". An operation that is about something else
  // as well asks for that by itself (Access::action, walrus/s3/access.h).
  std::string_view permission;
  // The query parameter that asks for this operation; one of several when separated by '|'.
  std::string_view selector = {};
  std::string_view selector_header = {};
  Task<http::Response> (*run)(Services&, S3Call&);
};

// All of s3_operations.inc.
const std::vector<const S3Operation*>& s3_operations();
// The one that a request asks for. S3Errc::method_not_allowed; S3Errc::not_implemented when it
// names a part of S3 that is not offered here.
Result<const S3Operation*> find_s3_operation(const S3Call& call);
// S3Errc::not_implemented when the request has a header for a feature that is not offered: nothing
// that a client asks for is passed over in silence.
Result<> refuse_unknown_features(const S3Call& call);

}  // namespace angophora::walrus
