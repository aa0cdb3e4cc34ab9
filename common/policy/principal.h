// Who asks. The front door that checked the signature makes one of these; the evaluator takes from
// it the condition keys that depend on the caller (aws:username, aws:PrincipalArn …).
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "common/base/time.h"

namespace angophora::policy {

struct Principal {
  enum class Type {
    anonymous,  // nobody signed
    root,       // the account itself (Eucalyptus: its user "admin")
    user,
    role_session,    // AssumeRole and its kin, instance profiles
    federated_user,  // GetFederationToken
    web_identity,    // the bearer of an OpenID token, in AssumeRoleWithWebIdentity
    service,         // one of the cloud's own services
  };

  static Principal anonymous() { return {}; }
  static Principal root(std::string account);
  // `path_and_name` as in the ARN: "alice" or "division/alice".
  static Principal user(std::string account, std::string path_and_name, std::string user_id);
  // `role_arn` of the role that was assumed, `role_id` its AROA… id.
  static Principal role_session(std::string account, std::string role_arn, std::string role_id,
                                std::string session_name);
  // Made by `issuer`, a user or root.
  static Principal federated_user(const Principal& issuer, std::string name);
  // `provider` as in policies: the provider's ARN, or its host.
  static Principal web_identity(std::string provider);
  // "ec2.amazonaws.com"
  static Principal service(std::string name);

  Type type = Type::anonymous;
  std::string account;     // 12 digits; "" of anonymous, web_identity, service
  std::string arn;         // of a session: the session's own
  std::string id;          // aws:userid
  std::string issuer_arn;  // the role's of a role session, the user's of a federated user
  std::string issuer_id;
  bool issued_by_root = false;  // a federated user of root
  std::string user_name;        // of users alone
  std::string name;             // of a service or provider
  // These may be set as well:
  std::string canonical_id;  // of the account, as S3 names it
  std::string provider;      // of a role session that a token opened: aws:FederatedProvider
  std::string source_identity;
  std::vector<std::pair<std::string, std::string>> tags;  // aws:PrincipalTag/…
  std::optional<common::SysTime> token_issued_at;         // of temporary credentials
  std::optional<common::SysTime> mfa_at;                  // of temporary credentials got with MFA

  // The values of `key` (lower case), when it is one that the principal knows: true, also when
  // there are none.
  bool find(std::string_view key, std::optional<common::SysTime> now,
            std::vector<std::string>& values) const;
};

}  // namespace angophora::policy
