#include "walrus/s3/log_target.h"

namespace angophora::walrus {
namespace {

// "-" for an account that is no more.
std::string number_of(const AccountNumbers& numbers, const std::string& canonical_id) {
  const auto found = numbers.find(canonical_id);
  return found == numbers.end() ? "-" : found->second.value;
}

}  // namespace

Result<Bucket> find_log_target(Tx& tx, const LoggingRule& rule, const Bucket& source,
                               const AccountNumbers& numbers, common::SysTime now) {
  auto found = find_bucket_with_rules(tx, rule.target);
  if (!found && found.error().code == make_error_code(S3Errc::no_such_bucket))
    return Error(S3Errc::no_such_key, "The target bucket for logging does not exist");
  TRY(auto target, std::move(found));
  LogDelivery delivery;
  delivery.source = source.name;
  delivery.source_account = number_of(numbers, source.acl.owner);
  delivery.target = target.name;
  delivery.target_account = number_of(numbers, target.acl.owner);
  delivery.prefix = rule.prefix;
  delivery.acl = &target.acl;
  delivery.bucket_policy = target.rules.read_policy.get();
  TRY_VOID(judge(delivery, now));
  return target;
}

}  // namespace angophora::walrus
