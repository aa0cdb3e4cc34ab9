#include "walrus/s3/acl_document.h"

#include <algorithm>
#include <array>

#include "common/base/text.h"
#include "walrus/s3/access.h"
#include "walrus/s3/replies.h"

namespace angophora::walrus {
namespace {

constexpr std::string_view kXsi = "http://www.w3.org/2001/XMLSchema-instance";
constexpr std::size_t kGrantsMax = 100;
constexpr std::array<std::pair<std::string_view, Permission>, 5> kGrantHeaders = {{
    {"x-amz-grant-read", Permission::read},
    {"x-amz-grant-write", Permission::write},
    {"x-amz-grant-read-acp", Permission::read_acp},
    {"x-amz-grant-write-acp", Permission::write_acp},
    {"x-amz-grant-full-control", Permission::full_control},
}};

Error malformed() {
  return Error(S3Errc::malformed_acl,
               "The XML you provided was not well-formed or did not validate against our published "
               "schema");
}

Result<> check_grantees(const Acl& acl, const Identities& identities) {
  if (acl.grants.size() > kGrantsMax) return malformed();
  for (const auto& grant : acl.grants) {
    if (grant.group || grant.grantee == kCloudCanonicalId || grant.grantee == acl.owner) continue;
    if (!identities.account_of_canonical_id(grant.grantee))
      return Error(S3Errc::invalid_argument, "Invalid id");
  }
  return common::ok();
}

Result<Grant> grant_of(const xml::Element& element) {
  const auto permission = parse_permission(element.text_of("Permission"));
  const auto* grantee = element.child("Grantee");
  if (!permission || !grantee) return malformed();
  if (grantee->child("EmailAddress"))
    return Error(S3Errc::unresolvable_grant_by_email,
                 "The e-mail address you provided does not match any account on record.");
  if (auto uri = grantee->text_of("URI"); !uri.empty()) {
    if (uri != kAllUsers && uri != kAuthenticatedUsers && uri != kLogDelivery)
      return Error(S3Errc::invalid_argument, "Invalid group uri");
    return Grant{true, std::move(uri), *permission};
  }
  auto id = grantee->text_of("ID");
  if (id.empty()) return malformed();
  return Grant{false, std::move(id), *permission};
}

}  // namespace

bool has_acl_headers(const S3Call& call) {
  if (call.has_header("x-amz-acl")) return true;
  for (const auto& [name, permission] : kGrantHeaders)
    if (call.has_header(name)) return true;
  return false;
}

Result<Acl> acl_of_headers(const S3Call& call, std::string owner, std::string bucket_owner) {
  Acl granted{owner, {}};
  for (const auto& [name, permission] : kGrantHeaders) {
    TRY(auto grants, parse_grant_header(call.header(name), permission));
    for (auto& grant : grants) granted.grants.push_back(std::move(grant));
  }
  const auto canned = call.header("x-amz-acl");
  if (granted.grants.empty()) {
    auto acl = canned_acl(call.has_header("x-amz-acl") ? canned : "private", std::move(owner),
                          std::move(bucket_owner));
    if (!acl) return Error(S3Errc::invalid_argument, "The canned ACL is not known.");
    return std::move(*acl);
  }
  if (!canned.empty())
    return Error(S3Errc::invalid_request,
                 "Specifying both Canned ACLs and Header Grants is not allowed");
  return granted;
}

Result<Acl> acl_of_document(const xml::Element& root, const Acl& current,
                            const Identities& identities) {
  if (root.name != "AccessControlPolicy") return malformed();
  const auto* owner = root.child("Owner");
  const auto* list = root.child("AccessControlList");
  if (!list) return malformed();
  Acl acl{owner ? owner->text_of("ID") : current.owner, {}};
  if (acl.owner != current.owner) return access_denied();
  for (const auto* element : list->children_named("Grant")) {
    TRY(auto grant, grant_of(*element));
    acl.grants.push_back(std::move(grant));
  }
  TRY_VOID(check_grantees(acl, identities));
  return acl;
}

http::Response acl_reply(const Acl& acl, const Identities& identities) {
  auto writer = start_xml("AccessControlPolicy");
  write_account(writer, "Owner", acl.owner, identities);
  writer.open("AccessControlList");
  // Groups come first, whatever order they were set in.
  auto grants = acl.grants;
  std::stable_partition(grants.begin(), grants.end(), [](const Grant& g) { return g.group; });
  for (const auto& grant : grants) {
    writer.open("Grant").open("Grantee").attribute("xmlns:xsi", kXsi);
    writer.attribute("xsi:type", grant.group ? "Group" : "CanonicalUser");
    if (grant.group) {
      writer.element("URI", grant.grantee);
    } else {
      writer.element("ID", grant.grantee);
      if (const auto* account = identities.account_of_canonical_id(grant.grantee))
        writer.element("DisplayName", account->name);
    }
    writer.close().element("Permission", to_string(grant.permission)).close();
  }
  writer.close();
  return xml_reply(std::move(writer));
}

}  // namespace angophora::walrus
