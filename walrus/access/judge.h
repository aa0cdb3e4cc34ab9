// Whether a caller may: the one place of Walrus that decides. It puts together what AWS puts
// together for S3: the policies of who asks, the policy of the bucket and the access lists;
// common/policy says what follows.
//
// Operations come here by find_bucket(), find_object() and may() of walrus/s3/access.h, with the
// action that stands beside the operation (S3Operation::permission) or that they set in Access.
//
// The bucket's policy plugs in as Question::bucket_policy: whoever finds the bucket's row has its
// document, parsed once with policy::bucket_rules(bucket) and kept, and hands it over with each
// question about the bucket or what is in it. An operation that knows more of the resource, tags of
// the object for example, says it in Question::facts (s3:ExistingObjectTag/ and so on).
//
// Threads: pure functions over values that do not change; any thread, in transactions too.
#pragma once

#include <atomic>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "common/base/time.h"
#include "common/policy/evaluate.h"
#include "walrus/domain/acl.h"
#include "walrus/domain/identities.h"

namespace angophora::walrus {

// Who asks, and all that policies may want to know of the request. Made once a request by the front
// door; never changes.
struct Requester {
  Asker asker;  // as access lists name it
  policy::Principal principal;
  std::shared_ptr<const policy::Policies> policies;  // of an unsigned request: null
  policy::Facts facts;
  common::SysTime now{};
  std::string request_id;
  std::shared_ptr<const AccountNumbers> account_numbers;  // may be null
  // Where it is told that an access list was needed; null when nobody wants to know.
  std::shared_ptr<std::atomic<bool>> list_was_needed = {};
};

// What is asked: one action on one resource.
struct Question {
  std::string_view action;  // "s3:GetObject"
  std::string bucket = {};  // "" for what is about no bucket (s3:ListAllMyBuckets)
  std::string key = {};     // "" for the bucket itself
  // Canonical ids: of who owns the resource and of who owns its bucket. An owner of "" means that
  // ownership is no question: the resource is about to be made.
  std::string owner = {};
  std::string bucket_owner = {};
  // The list that may let others in, and what it must grant. Without: no list can.
  const Acl* acl = nullptr;
  Permission permission = Permission::full_control;
  // Its Deny statements count for all that is in the bucket, its Allow statements for what the
  // bucket's owner owns. The root of the bucket's account reads, writes and removes the policy
  // itself whatever it says.
  const policy::NamedPolicy* bucket_policy = nullptr;
  const policy::Context* facts = nullptr;  // of the resource; come before those of the request
};

// S3Errc::access_denied. The sentence says who, what and why to callers of the owner's account, and
// nothing to others; which statement decided stands in the log.
Result<> judge(const Requester& requester, const Question& question);

// Records of the requests to `source` on their way into `target`, under names with `prefix`. The
// one who brings them is the service logging.s3.amazonaws.com.
struct LogDelivery {
  std::string source, source_account;  // the account's number
  std::string target, target_account;
  std::string prefix;
  const Acl* acl = nullptr;  // of the target: may let the group LogDelivery write
  const policy::NamedPolicy* bucket_policy = nullptr;
};
// What the policy says of the prefix counts for all names that begin with it.
// S3Errc::access_denied.
Result<> judge(const LogDelivery& delivery, common::SysTime now);

}  // namespace angophora::walrus
