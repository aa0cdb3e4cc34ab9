// Access control lists: who may do what with a bucket or an object. Values and rules, no I/O.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/result.h"

namespace angophora::walrus {

using common::Error;
using common::Result;

enum class Permission { read, write, read_acp, write_acp, full_control };
std::string_view to_string(Permission p);  // READ, WRITE, READ_ACP, WRITE_ACP, FULL_CONTROL
std::optional<Permission> parse_permission(std::string_view name);

inline constexpr std::string_view kAllUsers = "http://acs.amazonaws.com/groups/global/AllUsers";
inline constexpr std::string_view kAuthenticatedUsers =
    "http://acs.amazonaws.com/groups/global/AuthenticatedUsers";
inline constexpr std::string_view kLogDelivery = "http://acs.amazonaws.com/groups/s3/LogDelivery";
// The canonical id that the canned ACL aws-exec-read names: the cloud itself, which may read the
// object to register and run it as an image.
inline constexpr std::string_view kCloudCanonicalId =
    "6aa5a366c34c1cbe25dc49211496e913e0351eb0e8c37aa3477e40942ec6b97c";

struct Grant {
  bool group = false;  // grantee is a group's URI, else an account's canonical id
  std::string grantee;
  Permission permission = Permission::read;
  bool operator==(const Grant&) const = default;
};

struct Acl {
  std::string owner;  // canonical id
  std::vector<Grant> grants;
  bool operator==(const Acl&) const = default;
};

// Who asks: an account's canonical id, or nobody ("") for an unsigned request.
struct Asker {
  std::string canonical_id;
  bool anonymous() const { return canonical_id.empty(); }
};

// True when `asker` may. An owner always may; anybody else needs a grant.
bool allows(const Acl& acl, const Asker& asker, Permission wanted);
// True when the cloud's image service may read the object in the name of `asker`.
bool allows_image_read(const Acl& acl, const Asker& asker);

// The ACL that the canned name stands for; nothing when there is none of that name. For a bucket
// `bucket_owner` is empty and bucket-owner-* mean private, as with Amazon.
std::optional<Acl> canned_acl(std::string_view name, std::string owner, std::string bucket_owner);

// The grantees of an x-amz-grant-* header: id="...", uri="...".
// S3Errc::invalid_argument when it does not read; S3Errc::unresolvable_grant_by_email for e-mail.
Result<std::vector<Grant>> parse_grant_header(std::string_view value, Permission permission);

// As kept in the database.
std::string store_acl(const Acl& acl);
Result<Acl> load_acl(std::string_view text);

}  // namespace angophora::walrus
