// A policy document: parsed, judged and compiled once, when it is put or loaded; then evaluated as
// often as there are requests (evaluate.h).
//
// Threads:  a Document never changes; any thread may use any copy. Copies are cheap, they share.
// Errors:   PolicyErrc, which IAM's front door shows as MalformedPolicyDocument and LimitExceeded,
// S3's
//           as MalformedPolicy. The sentence names the statement and the element.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/result.h"

namespace angophora::policy {

enum class PolicyErrc {
  malformed = 1,  // the text is no policy, or none of this grammar
  too_large,      // more than Rules::size_max
};
std::string_view to_string(PolicyErrc e);

enum class Grammar {
  identity,  // of users, groups, roles; managed; boundaries and session policies: no Principal
  account,   // the ceiling of an account, as identity
  trust,     // of a role: Principal, no Resource, actions of STS alone
  bucket,    // of a resource: Principal and Resource
};

// What a policy may be in the place where it is put.
struct Rules {
  Grammar grammar = Grammar::identity;
  std::size_t size_max = 0;
  bool count_white_space = false;  // AWS counts it for buckets alone
  bool limits = false;             // statements with the effect Limit (limits.h) may be in it
  std::size_t statements_max = 500;
  // With Grammar::bucket: the bucket whose policy this is; it may speak of no other. "" for any.
  std::string bucket = {};
};

// The sizes are AWS' (Eucalyptus' for accounts). A size in IAM is that of all inline policies of
// one user, group or role together: add up Document::size() of the others.
inline Rules user_inline_rules() { return {.size_max = 2048, .limits = true}; }
inline Rules group_inline_rules() { return {.size_max = 5120, .limits = true}; }
inline Rules role_inline_rules() { return {.size_max = 10240}; }
inline Rules managed_rules() { return {.size_max = 6144}; }  // boundaries too
inline Rules session_rules() { return {.size_max = 2048}; }
inline Rules trust_rules() { return {.grammar = Grammar::trust, .size_max = 2048}; }
inline Rules account_rules() {
  return {.grammar = Grammar::account, .size_max = 16384, .limits = true};
}
inline Rules bucket_rules(std::string bucket) {
  return {.grammar = Grammar::bucket,
          .size_max = 20480,
          .count_white_space = true,
          .bucket = std::move(bucket)};
}

struct Statement;  // statement.h, private to the folder

class Document {
 public:
  struct Body {
    std::string id;
    bool variables = false;  // Version 2012-10-17
    std::size_t size = 0;
    std::vector<Statement> statements;  // that allow or deny
    std::vector<Statement> limits;      // that limit
  };
  explicit Document(std::shared_ptr<const Body> body) : body_(std::move(body)) {}

  const std::string& id() const { return body_->id; }
  std::size_t size() const { return body_->size; }  // as its rules count
  const std::vector<Statement>& statements() const { return body_->statements; }
  const std::vector<Statement>& limits() const { return body_->limits; }
  // The ARNs and unique ids of users, roles and providers that it names as principals. IAM and S3
  // refuse a policy that names one who does not exist; only the caller can know.
  std::vector<std::string> named_principals() const;

 private:
  std::shared_ptr<const Body> body_;
};

common::Result<Document> parse(std::string_view json, const Rules& rules);

}  // namespace angophora::policy

ANGOPHORA_ERROR_ENUM(angophora::policy, PolicyErrc)
