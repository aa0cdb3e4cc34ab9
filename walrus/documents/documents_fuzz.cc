// Feeds the readers of a bucket's and a version's documents, and of form policies, whatever a
// fuzzer thinks of. What was taken must be taken again in the form in which it is kept.
#include "common/xml/reader.h"
#include "tests/fuzz/fuzz.h"
#include "walrus/documents/bucket_access.h"
#include "walrus/documents/cors.h"
#include "walrus/documents/encryption_rule.h"
#include "walrus/documents/lifecycle.h"
#include "walrus/documents/object_lock.h"
#include "walrus/documents/policy_status.h"
#include "walrus/documents/post_policy.h"
#include "walrus/documents/tagging.h"

namespace {

using namespace angophora::walrus;
using angophora::fuzz::require;

void fuzz_documents(std::string_view text) {
  const auto root = angophora::xml::read(text);
  if (!root) return;
  for (const auto* shape :
       {&kCorsShape, &kTaggingShape, &kLifecycleShape, &kEncryptionShape, &kOwnershipShape,
        &kPublicAccessShape, &kObjectLockShape, &kRetentionShape, &kLegalHoldShape}) {
    if (!check_shape(root.value(), *shape)) continue;
    const auto again = from_inner_xml(inner_xml(root.value(), *shape), *shape);
    require(again.has_value());
  }
  if (check_shape(root.value(), kLifecycleShape) && check_lifecycle(root.value()))
    require(!lifecycle_rules(root.value()).empty());
  if (check_shape(root.value(), kCorsShape))
    (void)answer_cors(root.value(), {"https://a.example.org", "GET", {"x-amz-date"}});
}

void fuzz_post_policy(std::string_view text) {
  const auto policy = parse_post_policy(text);
  if (policy) (void)check_post_policy(policy.value(), {{"key", "k"}, {"bucket", "b"}}, {});
}

void fuzz_policy_status(std::string_view text) { (void)is_public_policy(text); }

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  angophora::fuzz::choose(data, size, {fuzz_documents, fuzz_post_policy, fuzz_policy_status});
  return 0;
}
