#include "walrus/documents/bucket_access.h"

#include "common/base/text.h"

namespace angophora::walrus {
namespace {

using Holds = Shape::Holds;

constexpr std::string_view kOwnerships = "ObjectWriter|BucketOwnerPreferred|BucketOwnerEnforced";
constexpr Shape kSwitches[] = {{"BlockPublicAcls", 0, 1, Holds::boolean},
                               {"IgnorePublicAcls", 0, 1, Holds::boolean},
                               {"BlockPublicPolicy", 0, 1, Holds::boolean},
                               {"RestrictPublicBuckets", 0, 1, Holds::boolean}};
constexpr Shape kPayer[] = {{"Payer", 1, 1, Holds::choice, "BucketOwner|Requester"}};
constexpr Shape kOwnershipRule[] = {{"ObjectOwnership", 1, 1, Holds::choice, kOwnerships}};
constexpr Shape kOwnershipRules[] = {{"Rule", 1, 1, Holds::elements, {}, kOwnershipRule}};

}  // namespace

const Shape kPublicAccessShape{
    "PublicAccessBlockConfiguration", 1, 1, Holds::elements, {}, kSwitches};
const Shape kOwnershipShape{"OwnershipControls", 1, 1, Holds::elements, {}, kOwnershipRules};
const Shape kPaymentShape{"RequestPaymentConfiguration", 1, 1, Holds::elements, {}, kPayer};

bool lets_requester_pay(const xml::Element& root) { return root.text_of("Payer") == "Requester"; }

PublicAccessBlock public_access_of(const xml::Element& root) {
  const auto is_set = [&](std::string_view name) {
    return common::equal_ignore_case(root.text_of(name), "true");
  };
  return {is_set("BlockPublicAcls"), is_set("IgnorePublicAcls"), is_set("BlockPublicPolicy"),
          is_set("RestrictPublicBuckets")};
}

std::optional<Ownership> parse_ownership(std::string_view name) {
  if (name == "ObjectWriter") return Ownership::object_writer;
  if (name == "BucketOwnerPreferred") return Ownership::bucket_owner_preferred;
  if (name == "BucketOwnerEnforced") return Ownership::bucket_owner_enforced;
  return std::nullopt;
}

Ownership ownership_of(const xml::Element& root) {
  const auto* name = root.find("Rule/ObjectOwnership");
  return parse_ownership(name ? common::trim(name->text) : std::string_view())
      .value_or(Ownership::object_writer);
}

std::string ownership_inner_xml(std::string_view name) {
  return "<Rule><ObjectOwnership>" + std::string(name) + "</ObjectOwnership></Rule>";
}

}  // namespace angophora::walrus
