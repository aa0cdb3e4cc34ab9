// May they? The one place that decides, for every service.
//
//   const auto decision = policy::decide(caller.principal, caller.policies,
//                                        {.action = "ec2:TerminateInstances",
//                                         .resource = policy::ec2_arn(region, account, "instance",
//                                         id), .resource_account = account, .now = runtime.now(),
//                                         .context = &facts});
//   if (!decision.allowed) ...
//
// The order is AWS': an explicit Deny anywhere; the ceiling of the account; what the resource's
// policy gives; what the identity's policies give, within permission boundary and session policies.
// A request for a resource of another account must be allowed on both sides.
//
// Threads: pure functions over values that do not change; any thread. Nothing is kept.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/time.h"
#include "common/policy/arn.h"
#include "common/policy/context.h"
#include "common/policy/document.h"
#include "common/policy/principal.h"

namespace angophora::policy {

// A document and what to call it when it decides: "alice/ReadOnly", "bucket photos".
struct NamedPolicy {
  std::string name;
  Document document;
};

// What is attached to who asks. Build it once per identity (or session) and keep it.
struct Policies {
  // The account's ceiling, set by the operator. Its Deny statements take away from everybody in the
  // account, root too. As soon as one statement allows, what none of them allows is above the
  // ceiling.
  std::vector<NamedPolicy> account = {};
  // Of the user and its groups, or of the role; inline and managed. Root needs none.
  std::vector<NamedPolicy> identity = {};
  std::optional<NamedPolicy> boundary = {};
  // Of a role session or a federated user: present, though empty, means that no policy was passed
  // to a session that has nothing without one (GetFederationToken). AssumeRole without: nullopt.
  std::optional<std::vector<NamedPolicy>> session = {};
};

// A grant on the resource that is no policy: an ACL of S3, a shared image.
enum class Grant {
  none,
  account,  // to the account, whose identities need policies of their own
  direct,   // to who asks, or to everybody
};

struct Request {
  std::string_view action;  // "s3:GetObject", in any case
  std::string resource;     // its ARN (arn.h), or "*" for an action that has none
  // Who owns the resource. "" when ownership is not a question: lists, creation, EC2's public
  // images. Of another account, the resource's side must allow as well.
  std::string resource_account = {};
  const NamedPolicy* resource_policy = nullptr;  // of the bucket or role
  // The resource's side must allow also within its own account: the trust policy of a role.
  bool resource_must_allow = false;
  Grant granted_otherwise = Grant::none;
  std::optional<common::SysTime> now = {};  // aws:CurrentTime; without it conditions on time fail
  const Context* context = nullptr;
};

enum class Layer { account, identity, boundary, session, resource };
std::string_view to_string(Layer layer);

enum class Why {
  // allowed
  identity_allows,
  resource_allows,
  root,
  // refused
  explicit_deny,
  above_account_ceiling,
  no_identity_statement,
  outside_boundary,
  outside_session,
  no_resource_statement,
  too_costly,  // patterns and values made to be slow together
};
std::string_view to_string(Why why);

struct Decision {
  // The statement that decided. An implicit refusal has none.
  struct Decider {
    Layer layer;
    std::string policy;
    std::size_t statement;  // from 1
    std::string sid;
  };
  bool allowed = false;
  Why why = Why::no_identity_statement;
  std::optional<Decider> decider;

  bool denied_explicitly() const { return why == Why::explicit_deny; }
  // One sentence, for logs and DecodeAuthorizationMessage: "refused: a Deny statement applies:
  // statement 2 (NoDelete) of identity policy alice/ReadOnly". It names policies, so it is not for
  // every caller's eyes.
  std::string sentence() const;
};

Decision decide(const Principal& principal, const Policies& policies, const Request& request);

// The decision and why each statement did or did not apply, as lines of text for the operator:
// what `angophora policy explain` prints.
std::string explain(const Principal& principal, const Policies& policies, const Request& request);

}  // namespace angophora::policy
