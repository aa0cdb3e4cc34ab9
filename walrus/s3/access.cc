#include "walrus/s3/access.h"

#include <algorithm>

#include "walrus/documents/bucket_access.h"
#include "walrus/documents/policy_status.h"
#include "walrus/s3/acl_document.h"
#include "walrus/store/bucket_settings.h"
#include "walrus/store/buckets.h"
#include "walrus/store/objects.h"

namespace angophora::walrus {
namespace {

// Whatever is asked about a bucket or what is in it begins with this.
Question question_of(const Access& access, const Bucket& bucket) {
  Question question;
  question.action = access.action;
  question.bucket = access.bucket;
  question.key = access.key;
  question.owner = question.bucket_owner = bucket.acl.owner;
  return question;
}

// Whoever names a version needs another action for it.
std::string action_about_version(std::string_view action) {
  constexpr std::string_view kActions[] = {
      "s3:GetObject",        "s3:GetObjectAcl",     "s3:PutObjectAcl",       "s3:DeleteObject",
      "s3:GetObjectTagging", "s3:PutObjectTagging", "s3:DeleteObjectTagging"};
  std::string name(action);
  for (const auto known : kActions)
    if (known == action) return name.insert(name.find("Object") + 6, "Version");
  return name;
}

std::vector<std::string> others_let_in(const S3Call& call) {
  if (!has_acl_headers(call)) return {};
  const std::string asker = "asker", bucket_owner = "bucket owner";
  const auto acl = acl_of_headers(call, asker, bucket_owner);
  if (!acl) return {""};  // it is refused when it is read for good
  std::vector<std::string> others;
  for (const auto& grant : acl.value().grants)
    if (grant.group)
      others.emplace_back();
    else if (grant.grantee != asker && grant.grantee != bucket_owner &&
             grant.grantee != call.caller.canonical_id)
      others.push_back(grant.grantee);
  return others;
}

Acl without_groups(Acl acl) {
  std::erase_if(acl.grants, [](const Grant& grant) { return grant.group; });
  return acl;
}

// The policy as far as it counts for who asks; null without. It was read when it was put; one that
// does not read any more lets nobody in.
Result<const policy::NamedPolicy*> policy_for(const Access& access, const Bucket& bucket) {
  const bool is_stranger =
      access.asker.anonymous() || access.asker.canonical_id != bucket.acl.owner;
  if (bucket.rules.policy.empty() || (bucket.rules.is_for_account_alone && is_stranger))
    return nullptr;
  if (!bucket.rules.read_policy)
    return Error(common::Errc::corrupt, "the policy of bucket " + bucket.name + " does not read");
  return bucket.rules.read_policy.get();
}

Result<> ask(const Access& access, const Bucket& bucket, Question question, const Acl& acl,
             std::optional<Permission> wanted) {
  TRY(question.bucket_policy, policy_for(access, bucket));
  const auto closed = bucket.rules.ignores_public_acls ? without_groups(acl) : Acl();
  if (wanted) {
    question.acl = bucket.rules.ignores_public_acls ? &closed : &acl;
    question.permission = *wanted;
  }
  return judge(*access.requester, question);
}

// Whether the caller may learn that access.key is not there: as one who lists what begins with it.
bool may_list(const Access& access, const Bucket& bucket) {
  const auto listing = access.about("s3:ListBucket", "");
  auto question = question_of(listing, bucket);
  policy::Facts facts;
  facts.set("s3:prefix", access.key);
  question.facts = &facts;
  return ask(listing, bucket, std::move(question), bucket.acl, Permission::read).has_value();
}

Result<Bucket::Rules> find_rules(Tx& tx, const std::string& bucket) {
  Bucket::Rules rules;
  TRY(const auto kept, BucketSettings(tx).all_about_access(bucket));
  PublicAccessBlock block;
  for (const auto& [name, document] : kept) {
    if (name == "policy") rules.policy = document;
    if (name == "publicAccessBlock") {
      TRY(const auto root, from_inner_xml(document, kPublicAccessShape));
      block = public_access_of(root);
    }
    if (name == "requestPayment") {
      TRY(const auto root, from_inner_xml(document, kPaymentShape));
      rules.requester_pays = lets_requester_pay(root);
    }
  }
  if (!rules.policy.empty())
    if (auto document = policy::parse(rules.policy, policy::bucket_rules(bucket)))
      rules.read_policy = std::make_shared<const policy::NamedPolicy>(
          policy::NamedPolicy{"bucket " + bucket, std::move(document).assume_value()});
  rules.ignores_public_acls = block.ignore_acls;
  rules.is_for_account_alone = block.restrict_buckets && is_public_policy(rules.policy);
  return rules;
}

}  // namespace

Access::Access(const S3Call& call)
    : bucket(call.target.bucket),
      key(call.target.key),
      version(call.parameter_or_empty("versionId")),
      asker(call.caller.asker()),
      expected_owner(call.expected_owner),
      action(version.empty() ? std::string(call.permission)
                             : action_about_version(call.permission)),
      offers_to_pay(call.header("x-amz-request-payer") == "requester" ||
                    call.parameter("x-amz-request-payer") == "requester"),
      lets_in(others_let_in(call)),
      requester(call.requester) {}

Error access_denied() { return Error(S3Errc::access_denied, "Access Denied"); }

Result<> may(const Access& access, const Bucket& bucket, std::optional<Permission> wanted) {
  return ask(access, bucket, question_of(access, bucket), bucket.acl, wanted);
}

Result<> may(const Access& access, const Bucket& bucket, const Object& object,
             std::optional<Permission> wanted) {
  auto question = question_of(access, bucket);
  question.owner = object.acl.owner;
  policy::Facts facts;
  facts.tags("s3:ExistingObjectTag/", object.tags);
  question.facts = &facts;
  return ask(access, bucket, std::move(question), object.acl, wanted);
}

Result<> may_in_account(const Access& access) {
  return judge(*access.requester, {.action = access.action, .bucket = access.bucket});
}

Result<Bucket> find_bucket_with_rules(Tx& tx, const std::string& name) {
  TRY(auto bucket, Buckets(tx).find(name));
  TRY(bucket.rules, find_rules(tx, name));
  return bucket;
}

Result<Bucket> find_bucket_unchecked(Tx& tx, const Access& access) {
  TRY(auto bucket, find_bucket_with_rules(tx, access.bucket));
  if (access.expected_owner && *access.expected_owner != bucket.acl.owner) return access_denied();
  const bool is_owner = access.asker.canonical_id == bucket.acl.owner;
  if (bucket.rules.requester_pays && !is_owner &&
      (access.asker.anonymous() || !access.offers_to_pay))
    return access_denied();
  return bucket;
}

Result<Bucket> find_bucket(Tx& tx, const Access& access, std::optional<Permission> wanted) {
  TRY(auto bucket, find_bucket_unchecked(tx, access));
  TRY_VOID(may(access, bucket, wanted));
  return bucket;
}

Result<Bucket> find_bucket_for_object(Tx& tx, const Access& access) {
  TRY(auto bucket, find_bucket(tx, access, Permission::write));
  const auto is_other = [&](const std::string& id) { return id != bucket.acl.owner; };
  if (std::any_of(access.lets_in.begin(), access.lets_in.end(), is_other))
    TRY_VOID(may(access.about("s3:PutObjectAcl", access.key), bucket, Permission::write));
  return bucket;
}

Result<Object> find_object(Tx& tx, const Access& access, std::optional<Permission> wanted) {
  TRY(const auto bucket, find_bucket_unchecked(tx, access));
  Objects objects(tx);
  auto found = access.version.empty()
                   ? objects.find_latest(access.bucket, access.key)
                   : objects.find_version(access.bucket, access.key, access.version);
  TRY(auto object, std::move(found));
  if (!object || object->delete_marker) {
    if (!may_list(access, bucket)) return access_denied();
    if (object) return std::move(*object);
    if (access.version.empty())
      return Error(S3Errc::no_such_key, "The specified key does not exist.");
    return Error(S3Errc::no_such_version, "The specified version does not exist.");
  }
  TRY_VOID(may(access, bucket, *object, wanted));
  return std::move(*object);
}

Result<> refuse_marker(S3Call& call, const Object& object) {
  if (!object.delete_marker) return common::ok();
  call.refusal_headers.emplace_back("x-amz-delete-marker", "true");
  call.refusal_headers.emplace_back("x-amz-version-id", object.version);
  if (call.parameter("versionId")) {
    call.refusal_headers.emplace_back("Allow", "DELETE");
    return Error(S3Errc::method_not_allowed,
                 "The specified method is not allowed against this resource.");
  }
  return Error(S3Errc::no_such_key, "The specified key does not exist.");
}

}  // namespace angophora::walrus
