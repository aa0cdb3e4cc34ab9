#include "walrus/domain/acl.h"

#include "common/base/text.h"
#include "walrus/domain/s3_errors.h"

namespace angophora::walrus {
namespace {

constexpr Permission kPermissions[] = {Permission::read, Permission::write, Permission::read_acp,
                                       Permission::write_acp, Permission::full_control};

bool names(const Grant& grant, const Asker& asker) {
  if (!grant.group) return !asker.anonymous() && grant.grantee == asker.canonical_id;
  if (grant.grantee == kAllUsers) return true;
  return grant.grantee == kAuthenticatedUsers && !asker.anonymous();
}

Grant full_control(std::string canonical_id) {
  return {false, std::move(canonical_id), Permission::full_control};
}

Grant to_group(std::string_view uri, Permission permission) {
  return {true, std::string(uri), permission};
}

// One `type="value"` (quotes may be missing) of a grant header.
Result<Grant> parse_grantee(std::string_view text, Permission permission) {
  const auto equals = text.find('=');
  if (equals == std::string_view::npos)
    return Error(S3Errc::invalid_argument, "Argument format not recognized");
  const auto type = common::trim(text.substr(0, equals));
  auto value = common::trim(text.substr(equals + 1));
  if (value.size() >= 2 && value.front() == '"' && value.back() == '"')
    value = value.substr(1, value.size() - 2);
  if (common::equal_ignore_case(type, "id")) return Grant{false, std::string(value), permission};
  if (common::equal_ignore_case(type, "emailAddress"))
    return Error(S3Errc::unresolvable_grant_by_email,
                 "The e-mail address you provided does not match any account on record.");
  if (!common::equal_ignore_case(type, "uri"))
    return Error(S3Errc::invalid_argument, "Argument format not recognized");
  if (value != kAllUsers && value != kAuthenticatedUsers && value != kLogDelivery)
    return Error(S3Errc::invalid_argument, "Invalid group uri");
  return to_group(value, permission);
}

}  // namespace

std::string_view to_string(Permission p) {
  switch (p) {
    case Permission::read:
      return "READ";
    case Permission::write:
      return "WRITE";
    case Permission::read_acp:
      return "READ_ACP";
    case Permission::write_acp:
      return "WRITE_ACP";
    case Permission::full_control:
      return "FULL_CONTROL";
  }
  return "";
}

std::optional<Permission> parse_permission(std::string_view name) {
  for (const auto p : kPermissions)
    if (to_string(p) == name) return p;
  return std::nullopt;
}

bool allows(const Acl& acl, const Asker& asker, Permission wanted) {
  if (!asker.anonymous() && asker.canonical_id == acl.owner) return true;
  for (const auto& grant : acl.grants)
    if ((grant.permission == wanted || grant.permission == Permission::full_control) &&
        names(grant, asker))
      return true;
  return false;
}

bool allows_image_read(const Acl& acl, const Asker& asker) {
  if (allows(acl, asker, Permission::read)) return true;
  return allows(acl, Asker{std::string(kCloudCanonicalId)}, Permission::read);
}

std::optional<Acl> canned_acl(std::string_view name, std::string owner, std::string bucket_owner) {
  Acl acl{owner, {full_control(owner)}};
  auto& grants = acl.grants;
  // Groups come before accounts, as other stores list them.
  std::size_t groups = 0;
  const auto group = [&](std::string_view uri, Permission p) {
    grants.insert(grants.begin() + static_cast<std::ptrdiff_t>(groups++), to_group(uri, p));
  };
  const auto to_bucket_owner = [&](Permission p) {
    if (!bucket_owner.empty() && bucket_owner != owner) grants.push_back({false, bucket_owner, p});
  };
  if (name == "private") return acl;
  if (name == "public-read") {
    group(kAllUsers, Permission::read);
  } else if (name == "public-read-write") {
    group(kAllUsers, Permission::read);
    group(kAllUsers, Permission::write);
  } else if (name == "authenticated-read") {
    group(kAuthenticatedUsers, Permission::read);
  } else if (name == "aws-exec-read" || name == "ec2-bundle-read") {
    grants.push_back({false, std::string(kCloudCanonicalId), Permission::read});
  } else if (name == "bucket-owner-read") {
    to_bucket_owner(Permission::read);
  } else if (name == "bucket-owner-full-control") {
    to_bucket_owner(Permission::full_control);
  } else if (name == "log-delivery-write") {
    group(kLogDelivery, Permission::write);
    group(kLogDelivery, Permission::read_acp);
  } else {
    return std::nullopt;
  }
  return acl;
}

Result<std::vector<Grant>> parse_grant_header(std::string_view value, Permission permission) {
  std::vector<Grant> grants;
  for (const auto part : common::split(value, ',')) {
    const auto text = common::trim(part);
    if (text.empty()) continue;
    TRY(auto grant, parse_grantee(text, permission));
    grants.push_back(std::move(grant));
  }
  return grants;
}

std::string store_acl(const Acl& acl) {
  std::string text = acl.owner;
  for (const auto& grant : acl.grants) {
    text += grant.group ? "\ng " : "\nu ";
    text += std::string(to_string(grant.permission)) + " " + grant.grantee;
  }
  return text;
}

Result<Acl> load_acl(std::string_view text) {
  Acl acl;
  bool first = true;
  for (const auto line : common::split(text, '\n')) {
    if (std::exchange(first, false)) {
      acl.owner = std::string(line);
      continue;
    }
    const auto parts = common::split(line, ' ');
    const auto permission = parts.size() == 3 ? parse_permission(parts[1]) : std::nullopt;
    if (!permission) return Error(common::Errc::corrupt, "a stored access list does not read");
    acl.grants.push_back({parts[0] == "g", std::string(parts[2]), *permission});
  }
  return acl;
}

}  // namespace angophora::walrus
