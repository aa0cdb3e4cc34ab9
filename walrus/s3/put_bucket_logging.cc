// PutBucketLogging: the bucket's owner says where records of its requests go, or that there are
// none.
#include "walrus/s3/body.h"
#include "walrus/s3/log_target.h"
#include "walrus/s3/replies.h"
#include "walrus/store/bucket_settings.h"

namespace angophora::walrus::put_bucket_logging {
namespace {

constexpr std::size_t kDocumentBytesMax = 64 * 1024;

Error invalid(std::string why) { return Error(S3Errc::invalid_argument, std::move(why)); }

// What a bucket that takes records must not be: one whose own requests are told of would never come
// to an end, and records are not encrypted.
Result<> check_target(Tx& tx, const LoggingRule& rule, const Bucket& source) {
  if (rule.target == source.name)
    return invalid("A bucket cannot be the target of its own access log");
  BucketSettings settings(tx);
  TRY(const auto logging, settings.find(rule.target, "logging"));
  if (logging) return invalid("The target bucket has an access log itself");
  TRY(const auto encryption, settings.find(rule.target, "encryption"));
  if (encryption) return invalid("The target bucket encrypts what is put into it");
  TRY(const auto target, find_bucket_with_rules(tx, rule.target));
  if (target.rules.requester_pays) return invalid("The target bucket lets those pay who ask");
  return common::ok();
}

Result<> keep(Tx& tx, const std::string& bucket, const std::string& document, common::SysTime now) {
  BucketSettings settings(tx);
  TRY(const auto there, settings.find(bucket, "logging"));
  if (there == document) return common::ok();
  return settings.put(bucket, "logging", document, now);
}

Task<http::Response> run(Services& s, S3Call& call) {
  const Access access(call);
  // A policy can let others read this, but not decide where the owner's records go.
  auto find = [access](Tx& tx) -> Result<Bucket> {
    TRY(auto bucket, find_bucket(tx, access, std::nullopt));
    if (access.asker.canonical_id != bucket.acl.owner) return access_denied();
    return bucket;
  };
  CO_TRY_VOID(co_await s.db.read(find));
  CO_TRY(auto root, co_await read_xml(call, kDocumentBytesMax));
  CO_TRY_VOID(check_logging(root));
  complete_logging(root);
  const auto rule = logging_rule(root);
  auto document = inner_xml(root, kLoggingShape);
  auto write = [find, rule, document, now = s.runtime.now(),
                numbers = s.identities.identities()->account_numbers()](Tx& tx) -> Result<> {
    TRY(const auto bucket, find(tx));
    if (!rule) return BucketSettings(tx).remove(bucket.name, "logging");
    TRY_VOID(find_log_target(tx, *rule, bucket, *numbers, now));
    TRY_VOID(check_target(tx, *rule, bucket));
    return keep(tx, bucket.name, document, now);
  };
  CO_TRY_VOID(co_await s.db.write(std::move(write)));
  if (s.logging_changed) co_await s.logging_changed(access.bucket);
  co_return empty_reply(200);
}

}  // namespace

extern const S3Operation PutBucketLogging{.name = "PutBucketLogging",
                                          .method = "PUT",
                                          .resource = Resource::bucket,
                                          .permission = "s3:PutBucketLogging",
                                          .selector = "logging",
                                          .run = run};

}  // namespace angophora::walrus::put_bucket_logging
