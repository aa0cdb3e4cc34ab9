#include "walrus/documents/encryption_rule.h"

#include "walrus/domain/s3_errors.h"

namespace angophora::walrus {
namespace {

using Holds = Shape::Holds;

constexpr Shape kEncryptionDefault[] = {{"SSEAlgorithm", 1, 1, Holds::choice, "AES256|aws:kms"},
                                        {"KMSMasterKeyID", 0, 1}};
constexpr Shape kEncryptionRule[] = {
    {"ApplyServerSideEncryptionByDefault", 0, 1, Holds::elements, {}, kEncryptionDefault},
    {"BucketKeyEnabled", 0, 1, Holds::boolean}};
constexpr Shape kEncryptionRules[] = {{"Rule", 1, 1, Holds::elements, {}, kEncryptionRule}};

std::string text_at(const xml::Element& root, std::string_view name) {
  const auto* rule = root.find("Rule/ApplyServerSideEncryptionByDefault");
  return rule ? rule->text_of(name) : std::string();
}

}  // namespace

const Shape kEncryptionShape{
    "ServerSideEncryptionConfiguration", 1, 1, Holds::elements, {}, kEncryptionRules};

common::Result<> check_encryption(const xml::Element& root) {
  if (algorithm_of(root) == "AES256" && !kms_key_of(root).empty())
    return common::Error(S3Errc::invalid_argument,
                         "a KMSMasterKeyID is not applicable if the default sse algorithm is not "
                         "aws:kms");
  return common::ok();
}

std::string algorithm_of(const xml::Element& root) { return text_at(root, "SSEAlgorithm"); }
std::string kms_key_of(const xml::Element& root) { return text_at(root, "KMSMasterKeyID"); }

}  // namespace angophora::walrus
