#include "walrus/access/judge.h"

#include <algorithm>

#include "common/log/log.h"
#include "walrus/domain/s3_errors.h"

namespace angophora::walrus {
namespace {

// Stands for the number of an account that is no more: nobody's.
constexpr char kUnknownAccount[] = "-";

std::string account_number(const Requester& requester, const std::string& canonical_id) {
  if (!requester.asker.anonymous() && canonical_id == requester.asker.canonical_id)
    return requester.principal.account;
  if (!requester.account_numbers) return kUnknownAccount;
  const auto found = requester.account_numbers->find(canonical_id);
  return found == requester.account_numbers->end() ? kUnknownAccount : found->second.value;
}

// First what is known of the resource, then what is known of the request.
class BothFacts final : public policy::Context {
 public:
  BothFacts(const policy::Context* first, const policy::Context& second)
      : first_(first), second_(second) {}
  void find(std::string_view key, std::vector<std::string>& values) const override {
    if (first_) first_->find(key, values);
    if (values.empty()) second_.find(key, values);
  }

 private:
  const policy::Context* first_;
  const policy::Context& second_;
};

// To everybody is to this caller too; to an account is to its root, who hands it on by policies.
policy::Grant granted_by_list(const Question& question, const Asker& asker) {
  if (!question.acl) return policy::Grant::none;
  if (allows(*question.acl, Asker{}, question.permission)) return policy::Grant::direct;
  if (asker.anonymous()) return policy::Grant::none;
  return allows(*question.acl, asker, question.permission) ? policy::Grant::account
                                                           : policy::Grant::none;
}

bool is_about_the_policy_itself(std::string_view action) {
  constexpr std::string_view kActions[] = {"s3:GetBucketPolicy", "s3:PutBucketPolicy",
                                           "s3:DeleteBucketPolicy"};
  return std::find(std::begin(kActions), std::end(kActions), action) != std::end(kActions);
}

policy::Decision decide(const Requester& requester, const Question& question,
                        policy::Request asked) {
  static const policy::Policies kNone;
  const auto& policies = requester.policies ? *requester.policies : kNone;
  const bool is_root = requester.principal.type == policy::Principal::Type::root;
  const bool owns_bucket =
      !requester.asker.anonymous() && requester.asker.canonical_id == question.bucket_owner;
  asked.resource_policy = question.bucket_policy;
  if (is_root && owns_bucket && is_about_the_policy_itself(question.action))
    asked.resource_policy = nullptr;
  // What another account has put into the bucket is its own to give.
  if (asked.resource_policy && question.owner != question.bucket_owner) {
    const auto with_policy = policy::decide(requester.principal, policies, asked);
    if (with_policy.denied_explicitly()) return with_policy;
    asked.resource_policy = nullptr;
  }
  return policy::decide(requester.principal, policies, asked);
}

Error refusal(const Requester& requester, const Question& question, const policy::Request& asked,
              const policy::Decision& decision) {
  const bool is_own = !requester.asker.anonymous() &&
                      (question.owner.empty() || question.owner == requester.asker.canonical_id);
  if (!is_own) return {S3Errc::access_denied, "Access Denied"};
  std::string why = " because no identity-based policy allows the ";
  why += std::string(question.action) + " action";
  if (decision.denied_explicitly()) why = " with an explicit deny";
  if (decision.why == policy::Why::above_account_ceiling)
    why =
        " because no policy of the account allows the " + std::string(question.action) + " action";
  return {S3Errc::access_denied,
          "User: " + requester.principal.arn + " is not authorized to perform: " +
              std::string(question.action) + " on resource: \"" + asked.resource + "\"" + why};
}

}  // namespace

Result<> judge(const Requester& requester, const Question& question) {
  const BothFacts facts(question.facts, requester.facts);
  policy::Request asked;
  asked.action = question.action;
  // Policies name what is about no bucket as AWS does in its examples, by all buckets or by "*".
  asked.resource = policy::s3_arn(question.bucket.empty() ? "*" : question.bucket, question.key);
  if (!question.owner.empty()) asked.resource_account = account_number(requester, question.owner);
  asked.granted_otherwise = granted_by_list(question, requester.asker);
  asked.now = requester.now;
  asked.context = &facts;
  const auto decision = decide(requester, question, asked);
  if (decision.allowed) {
    if (requester.list_was_needed && asked.granted_otherwise != policy::Grant::none) {
      asked.granted_otherwise = policy::Grant::none;
      if (!decide(requester, question, asked).allowed) *requester.list_was_needed = true;
    }
    return common::ok();
  }
  log::info("s3.not_permitted", {{"request_id", requester.request_id},
                                 {"user", requester.principal.arn},
                                 {"action", question.action},
                                 {"resource", asked.resource},
                                 {"decision", decision.sentence()}});
  return refusal(requester, question, asked, decision);
}

Result<> judge(const LogDelivery& delivery, common::SysTime now) {
  policy::Facts facts;
  facts.set("aws:SourceArn", policy::s3_arn(delivery.source, ""));
  facts.set("aws:SourceAccount", delivery.source_account);
  policy::Request asked;
  asked.action = "s3:PutObject";
  asked.resource = policy::s3_arn(delivery.target, "") + "/" + delivery.prefix;
  asked.resource_account = delivery.target_account;
  asked.resource_policy = delivery.bucket_policy;
  asked.now = now;
  asked.context = &facts;
  for (const auto& grant : delivery.acl ? delivery.acl->grants : std::vector<Grant>())
    if (grant.group && grant.grantee == kLogDelivery &&
        (grant.permission == Permission::write || grant.permission == Permission::full_control))
      asked.granted_otherwise = policy::Grant::direct;
  const auto service = policy::Principal::service("logging.s3.amazonaws.com");
  if (policy::decide(service, {}, asked).allowed) return common::ok();
  return Error(S3Errc::access_denied,
               "The target bucket does not let logging.s3.amazonaws.com write what is logged of "
               "bucket " +
                   delivery.source);
}

}  // namespace angophora::walrus
